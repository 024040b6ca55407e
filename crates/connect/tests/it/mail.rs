//! Mails as files, and to a small SMTP server.

use connect::mail::{LONGEST_REPLY, Mail, MailError, Mailer, Reply};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

fn mail(to: &str) -> Mail {
    Mail {
        to: to.to_owned(),
        subject: "Stripe is no longer connected\r\nBcc: x@example.com".to_owned(),
        text: "Hello,\n\n.a line that begins with a dot\nÄ".to_owned(),
        html: "<p>Hello,</p>".to_owned(),
        sender: None,
        unsubscribe: None,
    }
}

#[tokio::test]
async fn without_a_mail_server_mails_are_written_to_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data/mail");
    let mailer = Mailer::folder(&path);
    mailer.send(mail("hanna@lumennotes.example")).await.unwrap();
    let file = std::fs::read_dir(&path).unwrap().next().unwrap().unwrap().path();
    assert_eq!(file.extension().and_then(|e| e.to_str()), Some("eml"));
    let text = std::fs::read_to_string(file).unwrap();
    assert!(text.contains("To: hanna@lumennotes.example"), "{text}");
    assert!(text.contains("Subject: Stripe is no longer connected"), "{text}");
    assert!(!text.contains("\nBcc:"), "{text}");
    assert!(text.contains("Content-Type: multipart/alternative"), "{text}");
    let (plain, html) = (text.find("text/plain").unwrap(), text.find("text/html").unwrap());
    assert!(plain < html, "the best part comes last (RFC 2046, 5.1.4)");
    assert!(text.contains("Auto-Submitted: auto-generated") && text.contains("Message-ID: <"), "{text}");
    assert!(!text.contains("List-Unsubscribe"), "{text}");
    assert_eq!(mailer.send(mail("not-an-address")).await, Err(MailError::Address));
}

/// Takes one mail; answers `verdict` to its content.
async fn server(verdict: &'static str) -> (String, mpsc::UnboundedReceiver<String>) {
    refusing("no command", verdict).await
}

/// Takes one mail; answers `verdict` to a command, or to the content.
async fn refusing(command: &'static str, verdict: &'static str) -> (String, mpsc::UnboundedReceiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://user:canary@{}", listener.local_addr().unwrap());
    let (said, heard) = mpsc::unbounded_channel();
    tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read).lines();
        write.write_all(b"220 ready\r\n").await.unwrap();
        let mut in_data = false;
        while let Ok(Some(line)) = lines.next_line().await {
            let answer = match line.as_str() {
                "." if in_data => {
                    in_data = false;
                    verdict
                }
                _ if in_data => {
                    said.send(line).unwrap();
                    continue;
                }
                line if line.starts_with(command) => verdict,
                "DATA" => {
                    in_data = true;
                    "354 continue\r\n"
                }
                line if line.starts_with("EHLO") => "250-here\r\n250 AUTH PLAIN\r\n",
                line if line.starts_with("AUTH") => "235 welcome\r\n",
                _ => "250 ok\r\n",
            };
            write.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (url, heard)
}

#[tokio::test]
async fn mail_is_sent_to_the_server() {
    let (url, mut heard) = server("250 taken\r\n").await;
    let mailer = Mailer::smtp(&url, "Honeyguide <hg@example.com>").unwrap();
    assert!(!format!("{mailer:?}").contains("canary"));
    mailer.send(mail("hanna@lumennotes.example")).await.unwrap();
    drop(mailer);
    let mut lines = Vec::new();
    while let Ok(line) = heard.try_recv() {
        lines.push(line);
    }
    assert!(
        lines.contains(&"From: \"Honeyguide\" <hg@example.com>".to_owned())
            || lines.contains(&"From: Honeyguide <hg@example.com>".to_owned()),
        "{lines:?}"
    );
}

#[tokio::test]
async fn permanent_refusals_differ_from_temporary_ones() {
    let reply = |code, text: &str| Some(Reply { code, text: text.to_owned() });
    for (command, verdict, expected) in [
        ("no command", "550 never\r\n", MailError::Refused(reply(550, "never"))),
        ("no command", "451 later\r\n", MailError::NotNow(reply(451, "later"))),
        (
            "RCPT",
            "550-5.1.1 No\r\n550 5.1.1 such user\r\n",
            MailError::Refused(reply(550, "5.1.1 No such user")),
        ),
        // Our own password is wrong: the mail waits until it is right.
        ("AUTH", "535 who are you\r\n", MailError::NotNow(reply(535, "who are you"))),
    ] {
        let (url, _heard) = refusing(command, verdict).await;
        let mailer = Mailer::smtp(&url, "hg@example.com").unwrap();
        assert_eq!(mailer.send(mail("hanna@lumennotes.example")).await, Err(expected), "{verdict}");
    }
    let mailer = Mailer::smtp("smtp://127.0.0.1:9", "hg@example.com").unwrap();
    assert_eq!(mailer.send(mail("hanna@lumennotes.example")).await, Err(MailError::NotNow(None)));
    assert_eq!(Mailer::smtp("not a url", "hg@example.com").unwrap_err(), MailError::Url);
    assert_eq!(Mailer::smtp("smtp://localhost", "not-an-address").unwrap_err(), MailError::Address);
}

#[tokio::test]
async fn a_reply_is_one_short_line() {
    let (url, _heard) = refusing("RCPT", concat!("550 ", "é\tlong ", "and longer and longer and longer and longer and longer and longer and longer and longer and longer and longer and longer and longer and longer and longer and longer and longer and longer and longer and longer and longer\r\n")).await;
    let mailer = Mailer::smtp(&url, "hg@example.com").unwrap();
    let refused = mailer.send(mail("hanna@lumennotes.example")).await.unwrap_err();
    let MailError::Refused(Some(reply)) = refused else { panic!("{refused:?}") };
    assert_eq!(reply.text.chars().count(), LONGEST_REPLY);
    assert!(reply.text.starts_with("é long"), "{}", reply.text);
}

#[test]
fn only_some_rejections_are_about_the_recipient() {
    for (code, text, expected) in [
        (550, "5.1.1 no such user", true),
        (550, "no such user", true),
        (551, "user not local", true),
        (553, "mailbox name not allowed", true),
        (556, "domain takes no mail", true),
        (550, "5.7.1 blocked by policy", false),
        (552, "5.3.4 too big", false),
        (554, "no", false),
        (450, "later", false),
    ] {
        let reply = Reply { code, text: text.to_owned() };
        assert_eq!(reply.is_about_recipient(), expected, "{code} {text}");
    }
}

#[tokio::test]
async fn a_mail_names_its_sender_and_how_to_end_it() {
    let folder = tempfile::tempdir().unwrap();
    let long = format!("https://hg.example/notifications/{}", "a1".repeat(80));
    let one = Mail {
        sender: Some("Lumen Partners".to_owned()),
        unsubscribe: Some(long.clone()),
        ..mail("hanna@lumennotes.example")
    };
    Mailer::folder(folder.path()).send(one).await.unwrap();
    let file = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
    let text = std::fs::read_to_string(file).unwrap();
    let head = text.split_once("\r\n\r\n").unwrap().0.replace("\r\n ", " ");
    assert!(!head.contains("\nBcc:"), "{head}");
    assert!(head.contains("From: \"Lumen Partners via Honeyguide\" <honeyguide@localhost>"), "{head}");
    let unsubscribe = head.lines().find(|line| line.starts_with("List-Unsubscribe:")).unwrap();
    assert_eq!(unsubscribe.replace(' ', ""), format!("List-Unsubscribe:<{long}>"));
    assert!(head.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click"), "{head}");
}

#[tokio::test]
async fn a_name_cannot_add_headers() {
    let folder = tempfile::tempdir().unwrap();
    let one =
        Mail { sender: Some("Lumen\r\nBcc: x@example.com".to_owned()), ..mail("hanna@lumennotes.example") };
    Mailer::folder(folder.path()).send(one).await.unwrap();
    let file = std::fs::read_dir(folder.path()).unwrap().next().unwrap().unwrap().path();
    let text = std::fs::read_to_string(file).unwrap();
    assert!(!text.contains("\nBcc:") && text.contains("<honeyguide@localhost>"), "{text}");
}
