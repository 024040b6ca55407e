//! Mails as files, and to a small SMTP server.

use connect::mail::{Mail, MailError, Mailer};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpListener;
use tokio::sync::mpsc;

fn mail(to: &str) -> Mail {
    Mail {
        to: to.to_owned(),
        subject: "Stripe is no longer connected\r\nBcc: x@example.com".to_owned(),
        text: "Hello,\n\n.a line that begins with a dot\nÄ".to_owned(),
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
    assert_eq!(mailer.send(mail("not-an-address")).await, Err(MailError::Address));
}

/// Takes one mail; answers `verdict` to its content.
async fn server(verdict: &'static str) -> (String, mpsc::UnboundedReceiver<String>) {
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
    for (verdict, expected) in [("550 never\r\n", MailError::Refused), ("451 later\r\n", MailError::NotNow)] {
        let (url, _heard) = server(verdict).await;
        let mailer = Mailer::smtp(&url, "hg@example.com").unwrap();
        assert_eq!(mailer.send(mail("hanna@lumennotes.example")).await, Err(expected));
    }
    let mailer = Mailer::smtp("smtp://127.0.0.1:9", "hg@example.com").unwrap();
    assert_eq!(mailer.send(mail("hanna@lumennotes.example")).await, Err(MailError::NotNow));
    assert_eq!(Mailer::smtp("not a url", "hg@example.com").unwrap_err(), MailError::Url);
    assert_eq!(Mailer::smtp("smtp://localhost", "not-an-address").unwrap_err(), MailError::Address);
}
