//! A company's own questions to applicants: asked, answered, shown in review.

use axum::http::StatusCode;
use domain::applications::ApplicationStatus;
use domain::questions::{MOST_QUESTIONS, Questions};
use engine::programs::applications as reviews;
use engine::programs::{join_page, questions};

use super::applications::{confirm, link, mails, merchant};
use super::{Browser, Merchant, Site};

/// Sends the form of a question and gives the page that follows.
async fn save(browser: &Browser<'_>, merchant: &Merchant, id: &str, fields: &[(&str, &str)]) -> String {
    let mut all = vec![("program", merchant.program.id.as_str()), ("id", id)];
    all.extend(fields);
    let answer = browser.post("/do/join-page/question", &all).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    browser.get(answer.location().split('#').next().unwrap()).await.body
}

async fn arrange(browser: &Browser<'_>, merchant: &Merchant, id: &str, action: &str) -> String {
    let fields = [("program", merchant.program.id.as_str()), ("id", id), ("action", action)];
    let answer = browser.post("/do/join-page/arrange-question", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    browser.get(answer.location().split('#').next().unwrap()).await.body
}

async fn asked(site: &Site, merchant: &Merchant) -> Questions {
    questions::list(&site.engine, &merchant.actor, &merchant.program.id).await.unwrap()
}

fn words(questions: &Questions) -> Vec<&str> {
    questions.as_slice().iter().map(|question| question.asks.question.as_str()).collect()
}

/// A company that asks one question of each kind.
async fn with_questions(site: &Site) -> (Merchant, Vec<String>) {
    let merchant = merchant(site, false).await;
    let browser = Browser::signed_in(site, &merchant.email).await;
    for (question, kind, choices, required) in [
        ("Do you use Lumen yourself?", "choice", "Yes, most days\r\nNot yet\r\n", "on"),
        ("How many read you?", "text", "", ""),
        ("Your best piece", "url", "", ""),
        ("I am over 18", "checkbox", "", "on"),
    ] {
        let fields = [
            ("question[question]", question),
            ("question[kind]", kind),
            ("question[choices]", choices),
            ("question[required]", required),
        ];
        let page = save(&browser, &merchant, "", &fields).await;
        assert!(page.contains("Question saved.") && page.contains(question), "{page}");
    }
    let ids = asked(site, &merchant).await.as_slice().iter().map(|one| one.id.to_string()).collect();
    (merchant, ids)
}

/// The form of an application, filled in except for the answers.
async fn form(site: &Site, merchant: &Merchant) -> Vec<(String, String)> {
    let slug = &merchant.program.slug;
    let offer = join_page::offer(&site.engine, slug).await.unwrap();
    let fields = [
        ("slug", slug.as_str()),
        ("application[name]", "Amara Nwosu"),
        ("application[email]", "amara@slowpages.example"),
        ("application[promotion]", "A Sunday letter."),
        ("application[terms]", offer.terms.id.as_str()),
        ("application[questions]", &offer.questions.version()),
        ("application[accept]", "on"),
    ];
    fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

async fn send(browser: &Browser<'_>, fields: &[(String, String)]) -> String {
    let fields: Vec<(&str, &str)> =
        fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let answer = browser.post("/do/join/apply", &fields).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    answer.location().to_owned()
}

#[tokio::test]
async fn questions_are_added_changed_moved_and_removed_by_posting() {
    let site = Site::new().await;
    let (merchant, ids) = with_questions(&site).await;
    let browser = Browser::signed_in(&site, &merchant.email).await;
    arrange(&browser, &merchant, &ids[0], "down").await;
    arrange(&browser, &merchant, &ids[3], "up").await;
    let order = ["How many read you?", "Do you use Lumen yourself?", "I am over 18", "Your best piece"];
    assert_eq!(words(&asked(&site, &merchant).await), order);

    let path = format!("/programs/{}/settings/join-page/question?question={}", merchant.program.id, ids[0]);
    let page = browser.get(&path).await.body;
    for text in ["Do you use Lumen yourself?", "Yes, most days\nNot yet", "Change question"] {
        assert!(page.contains(text), "{text}: {page}");
    }
    let fields = [("question[question]", "Do you use it?"), ("question[kind]", "checkbox")];
    save(&browser, &merchant, &ids[0], &fields).await;
    let page = arrange(&browser, &merchant, &ids[1], "remove").await;
    assert!(page.contains("Question removed."), "{page}");
    assert_eq!(words(&asked(&site, &merchant).await), ["Do you use it?", "I am over 18", "Your best piece"]);
    let gone = format!("/programs/{}/settings/join-page/question?question={}", merchant.program.id, ids[1]);
    assert_eq!(browser.get(&gone).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_question_with_problems_comes_back_with_what_was_typed() {
    let site = Site::new().await;
    let merchant = merchant(&site, false).await;
    let browser = Browser::signed_in(&site, &merchant.email).await;
    let fields = [
        ("question[question]", "Do you use it?"),
        ("question[kind]", "choice"),
        ("question[choices]", "Only one"),
    ];
    let page = save(&browser, &merchant, "", &fields).await;
    for text in ["Enter at least two answers", "Do you use it?", "Only one"] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert_eq!(asked(&site, &merchant).await, Questions::default());
}

#[tokio::test]
async fn there_are_ten_questions_at_most() {
    let site = Site::new().await;
    let merchant = merchant(&site, false).await;
    let browser = Browser::signed_in(&site, &merchant.email).await;
    for number in 0..=MOST_QUESTIONS {
        let question = format!("Question {number}?");
        let fields = [("question[question]", question.as_str()), ("question[kind]", "text")];
        let page = save(&browser, &merchant, "", &fields).await;
        assert_eq!(page.contains("Ask 10 questions at most"), number == MOST_QUESTIONS, "{page}");
    }
    assert_eq!(asked(&site, &merchant).await.as_slice().len(), MOST_QUESTIONS);
}

#[tokio::test]
async fn answers_are_checked_and_shown_in_review_as_they_were_asked() {
    let site = Site::new().await;
    let (merchant, ids) = with_questions(&site).await;
    let path = app::routes::join(&merchant.program.slug);
    let page = site.get(&path).await.body;
    for text in ["Do you use Lumen yourself?", "Yes, most days", "How many read you?", "I am over 18"] {
        assert!(page.contains(text), "{text}: {page}");
    }

    let browser = Browser::new(&site);
    let mut fields = form(&site, &merchant).await;
    let answer = |index: usize, value: &str| (format!("answers[{}]", ids[index]), value.to_owned());
    fields.extend([answer(0, "Never"), answer(1, "11,400"), answer(2, "my piece")]);
    let page = browser.get(&send(&browser, &fields).await).await.body;
    for text in [
        "Choose one of the answers",
        "Enter a web address such as https://example.com",
        "Tick this box to apply",
        "11,400",
        "my piece",
    ] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(mails(&site).await.is_empty());

    let mut fields = form(&site, &merchant).await;
    fields.extend([answer(0, "Not yet"), answer(2, "slowpages.example/best"), answer(3, "on")]);
    fields.push(("answers[qst_01h00000000000000000000000]".to_owned(), "asked by nobody".to_owned()));
    assert!(send(&browser, &fields).await.ends_with("/sent"));
    confirm(&browser, &link(&site).await).await;
    let owner = Browser::signed_in(&site, &merchant.email).await;
    // The words change afterwards; those of the application stay.
    let renamed = [("question[question]", "Are you of age?"), ("question[kind]", "checkbox")];
    save(&owner, &merchant, &ids[3], &renamed).await;
    let page = owner.get(&app::routes::program(&merchant.program.id).applications()).await.body;
    for text in ["Not yet", r#"href="https://slowpages.example/best""#, "No answer", "I am over 18", "Yes"] {
        assert!(page.contains(text), "{text}: {page}");
    }
    assert!(!page.contains("Are you of age?") && !page.contains("asked by nobody"), "{page}");
    let (engine, actor, program) = (&site.engine, &merchant.actor, &merchant.program.id);
    let found = reviews::list(engine, actor, program, ApplicationStatus::Pending, None, 5).await.unwrap();
    assert_eq!(found[0].application.answers.len(), 4);
}

#[tokio::test]
async fn answers_to_other_questions_than_those_that_were_read_are_not_taken() {
    let site = Site::new().await;
    let (merchant, ids) = with_questions(&site).await;
    let mut fields = form(&site, &merchant).await;
    fields.extend(
        [(0, "Not yet"), (3, "on")]
            .map(|(index, value): (usize, &str)| (format!("answers[{}]", ids[index]), value.to_owned())),
    );
    let owner = Browser::signed_in(&site, &merchant.email).await;
    let renamed = [("question[question]", "I own a house"), ("question[kind]", "checkbox")];
    save(&owner, &merchant, &ids[3], &renamed).await;
    let browser = Browser::new(&site);
    let page = browser.get(&send(&browser, &fields).await).await.body;
    assert!(page.contains("The questions have changed"), "{page}");
    assert!(page.contains("I own a house") && page.contains("Amara Nwosu"), "{page}");
    assert!(mails(&site).await.is_empty());
}
