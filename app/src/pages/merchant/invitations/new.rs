//! Inviting people: a list, a preview that shows what is wrong with each line, and a button that
//! sends the mails. The form is not a server function, because its answer is a page.

use domain::invitations::{LineProblem, ListLine, MOST_LINES};
use engine::programs::invitations;
use leptos::prelude::*;

use crate::components::{
    Badge, Column, ErrorSummary, Icon, MerchantShell, Notice, PageHead, PlainCard, State, Table, TableStyle,
    TextArea, Tone,
};
use crate::forms::FormState;
use crate::layout::{ProgramPage, Section};
use crate::pages::page;
use crate::request::access::Access;
use crate::text::plural;

/// A list of people that was posted to the page; the binary provides it as a context.
#[derive(Clone, Debug)]
pub struct SubmittedList {
    /// The list; empty when it could not be read.
    pub text: String,
    /// Why it was refused, if it was.
    pub problem: Option<String>,
}

/// The form that invites people, and the preview of a list.
#[component]
pub fn NewInvitations() -> impl IntoView {
    page(new_invitations())
}

async fn new_invitations() -> Access<AnyView> {
    let page = ProgramPage::load().await?;
    let submitted = use_context::<SubmittedList>();
    let mut form = FormState::default();
    let text = submitted.as_ref().map(|list| list.text.clone()).unwrap_or_default();
    let lines = match &submitted {
        None => None,
        Some(SubmittedList { problem: Some(problem), .. }) => {
            form.refuse("list", problem.clone());
            None
        }
        Some(SubmittedList { text, problem: None }) => {
            match invitations::preview(&page.engine, &page.actor, &page.program.id, text).await {
                Ok(lines) => Some(lines),
                Err(engine::Error::Invalid(problems)) => {
                    for problem in problems.0 {
                        form.refuse("list", problem.message);
                    }
                    None
                }
                Err(error) => return Err(error.into()),
            }
        }
    };
    let heading = if lines.is_some() { "Check your list" } else { "Invite people" };
    page.title(heading, form.has_errors());
    let routes = page.routes();
    let crumbs =
        page.crumbs(&[("Affiliates", routes.affiliates()), ("Invitations", routes.invitations())], heading);
    let action = routes.new_invitations();
    let preview = lines.map(|lines| preview(lines, &text, &action));
    let is_preview = preview.is_some();
    let lead = if is_preview {
        "Nothing was sent yet. Lines with a problem are left out."
    } else {
        "They get a mail with a link to join. Nobody else can use it, and it works for 30 days."
    };
    let mut field = form.field("list", "");
    field.value = text;
    let fields = view! {
        <form class="form wide-form" method="post" action=action enctype="multipart/form-data" novalidate>
            <TextArea
                field
                label="People"
                hint=format!(
                    "One a line: an email address, or name, email and code separated by commas. The code is the end of their link. Up to {MOST_LINES} people"
                )
            />
            <div class="field">
                <label for="file">"Or a CSV file"</label>
                <p class="hint" id="file-hint">"With the columns name, email and code, as your spreadsheet exports it"</p>
                <input type="file" id="file" name="file" accept=".csv,.txt,text/csv,text/plain" aria-describedby="file-hint"/>
            </div>
            <div class="form-actions">
                <button class="button primary large">{if is_preview { "Check again" } else { "Check the list" }}</button>
            </div>
        </form>
    };
    let fields = if is_preview {
        view! { <details class="edit-list"><summary class="button">"Change the list"</summary>{fields}</details> }
            .into_any()
    } else {
        fields.into_any()
    };
    Ok(view! {
        <MerchantShell frame=page.frame(Section::Affiliates) crumbs narrow=true>
            <PageHead title=heading lead/>
            <ErrorSummary errors=form.errors().to_vec()/>
            {preview}
            {fields}
        </MerchantShell>
    }
    .into_any())
}

fn preview(lines: Vec<ListLine>, text: &str, action: &str) -> AnyView {
    let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
    let ready = number(lines.iter().filter(|line| line.draft.is_ok()).count());
    let wrong = number(lines.len()) - ready;
    let notice = (wrong > 0).then(|| {
        let title = format!("{} a problem", plural(wrong, "line has", "lines have"));
        view! {
            <Notice tone=Tone::Warning title>
                "They are marked below and left out. Change the list to invite them, too."
            </Notice>
        }
    });
    let send = (ready > 0).then(|| {
        let label = format!("Send {}", plural(ready, "invitation", "invitations"));
        view! {
            <form method="post" action=action.to_owned() enctype="multipart/form-data">
                <input type="hidden" name="list" value=text.to_owned()/>
                <input type="hidden" name="confirm" value="yes"/>
                <button class="button primary large"><Icon name="mail"/>{label}</button>
            </form>
        }
    });
    let columns = vec![
        Column::text("Line"),
        Column::text("Name"),
        Column::text("Email"),
        Column::text("Code"),
        Column::text("Result"),
    ];
    let rows = lines.into_iter().map(row).collect_view();
    view! {
        {notice}
        <PlainCard><Table caption="The lines of the list" columns style=TableStyle::CARDS>{rows}</Table></PlainCard>
        {send}
    }
    .into_any()
}

fn row(line: ListLine) -> impl IntoView {
    let shown = |text: String| if text.is_empty() { "–".to_owned() } else { text };
    let verdict = match line.draft {
        Ok(_) => view! { <Badge state=State::READY/> }.into_any(),
        Err(problems) => {
            let items = problems.into_iter().map(|problem| view! { <li>{problem_text(problem)}</li> });
            view! { <ul class="line-problems" role="list">{items.collect_view()}</ul> }.into_any()
        }
    };
    view! {
        <tr>
            <th scope="row">{line.number.to_string()}</th>
            <td data-label="Name">{shown(line.name)}</td>
            <td data-label="Email" class="anywhere">{shown(line.email)}</td>
            <td data-label="Code">{shown(line.code)}</td>
            <td class="full">{verdict}</td>
        </tr>
    }
}

fn problem_text(problem: LineProblem) -> String {
    match problem {
        LineProblem::NoEmail => "The email address is missing".to_owned(),
        LineProblem::WrongEmail => "This is not an email address".to_owned(),
        LineProblem::WrongName => "Use 80 characters at most for the name".to_owned(),
        LineProblem::WrongCode => {
            "Use 2 to 40 letters, digits, dashes or underscores for the code".to_owned()
        }
        LineProblem::TooManyFields => "Leave out everything but name, email and code".to_owned(),
        LineProblem::SameEmail { line } => format!("The same address is on line {line}"),
        LineProblem::SameCode { line } => format!("The same code is on line {line}"),
        LineProblem::InProgram => "Already in the program".to_owned(),
        LineProblem::Invited => "Has an open invitation".to_owned(),
        LineProblem::CodeTaken => "This code is taken".to_owned(),
    }
}
