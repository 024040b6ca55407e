//! An affiliate's links, and the form that creates another.

use domain::ids::ProgramId;
use engine::programs::coupons::Coupon;
use engine::programs::links::OwnLink;
use engine::tracking::trial::{Trial, TrialProblem};
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use super::status::{counts, status_notice};
use crate::components::{
    Card, CardBody, Column, Columns, CopyField, EmptyState, ErrorSummary, Fact, Facts, FormActions, Notice,
    PageHead, SiteShell, Table, TableStyle, TextField, TextKind, Tone,
};
use crate::forms::submission::{Redirect, Submission, finish, take_form};
use crate::forms::{Field, Flash, FormState, LinkForm};
use crate::layout::{AffiliateProgramPage, AffiliateSection};
use crate::pages::page;
use crate::presenters::promotion_code;
use crate::presenters::tables::short_url;
use crate::presenters::totals::others;
use crate::request::access::{Access, Refusal, affiliate, engine};
use crate::request::href::safe_href;
use crate::request::queries::Parameters;
use crate::routes;
use crate::text::{amount, count, share};

/// All links of an affiliate in a program.
#[component]
pub fn AffiliateLinks() -> impl IntoView {
    page(links())
}

async fn links() -> Access<AnyView> {
    let page = AffiliateProgramPage::load().await?;
    let form = take_form(CreateOwnLink::PATH).await;
    let rows =
        engine::programs::links::list_for_affiliate(&page.page.engine, &page.page.actor, &page.program.id)
            .await?;
    page.title("Links", form.has_errors());
    let code = rows.last().map(|row| row.link.code.to_string());
    let (archived, rows): (Vec<OwnLink>, Vec<OwnLink>) =
        rows.into_iter().partition(|row| row.link.archived_at.is_some());
    let content = if rows.is_empty() {
        view! { <EmptyState title="No links yet" text="Links you create appear here with their clicks and earnings."/> }
            .into_any()
    } else {
        table(&page, rows, "Your links, newest first")
    };
    let put_away = (!archived.is_empty()).then(|| {
        let content = table(&page, archived, "Archived links, newest first");
        view! { <Card id="archived" title="Archived" aside=view! { <p>"They keep working"</p> }.into_any()>{content}</Card> }
    });
    let status_notice = status_notice(&page);
    let tester = tester(&page).await?;
    let table = view! { <Card id="links" title="Your links">{content}</Card>{tester}{put_away} };
    let (engine, actor) = (&page.page.engine, &page.page.actor);
    let codes = engine::programs::coupons::list_for_affiliate(engine, actor, &page.program.id).await?;
    let content = if counts(&page) {
        let aside =
            view! { {new_link(&page, form)}{any_page(&page, code)}{own_codes(&page, codes)} }.into_any();
        view! { <Columns aside>{table}</Columns> }.into_any()
    } else {
        table.into_any()
    };
    Ok(view! {
        <SiteShell frame=page.frame(AffiliateSection::Links)>
            <PageHead title="Links" lead="Each link has its own code, so you can see which one performs best. Existing links keep working."/>
            {status_notice}
            {content}
        </SiteShell>
    }
    .into_any())
}

/// Links with what each brought, from the sums of all time.
fn table(page: &AffiliateProgramPage, rows: Vec<OwnLink>, caption: &'static str) -> AnyView {
    let currency = page.program.currency;
    let columns = vec![
        Column::text("Link"),
        Column::number("Clicks"),
        Column::number("New customers"),
        Column::number("Of clicks"),
        Column::number(format!("Earned, {currency}")),
    ];
    let rows = rows.into_iter().map(|row| {
        let OwnLink { link, clicks, totals } = row;
        let placement = link.placement.map(|word| format!(", placement {word}")).unwrap_or_default();
        let leads_to = format!("{}{placement}", short_url(&link.destination_url));
        let earned = totals.in_currency(currency).commission;
        let others = others(&totals, currency, |amounts| amounts.commission);
        let others = others.map(|others| view! { <small>{format!("and {others}")}</small> });
        view! {
            <tr>
                <th scope="row"><a href=page.routes().link(&link.id)>{format!("/r/{}", link.code)}</a><small>{leads_to}</small></th>
                <td class="num" data-label="Clicks">{count(clicks)}</td>
                <td class="num" data-label="New customers">{count(totals.first_payments)}</td>
                <td class="num" data-label="Of clicks">{share(totals.first_payments, clicks)}</td>
                <td class="num lead">{amount(earned, currency)}{others}</td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    view! { <Table caption columns style=TableStyle::CARDS.spaced()>{rows}</Table> }.into_any()
}

/// Tries an address: where it leads, and whether a click on it counts.
async fn tester(page: &AffiliateProgramPage) -> Access<AnyView> {
    let parameters = Parameters::of_request();
    let entered = parameters.get("try").map(str::to_owned);
    let trial = match &entered {
        Some(address) => {
            let (engine, actor) = (&page.page.engine, &page.page.actor);
            Some(engine::tracking::trial::try_own(engine, actor, &page.program.id, address).await?)
        }
        None => None,
    };
    let result = trial.map(|trial| trial_result(page, trial));
    let field = Field::with_value("try", entered.unwrap_or_default());
    let action = format!("{}#tester", page.routes().links());
    Ok(view! {
        <Card id="tester" title="Try a link">
            <CardBody>
                <div class="stack tight">
                    <form class="form" method="get" action=action>
                        <TextField
                            field
                            label="Address"
                            hint="One of your links, or a page of the site with ?via= and your code. Trying it counts no click"
                            kind=TextKind::Url
                        />
                        <FormActions submit="Try"/>
                    </form>
                    {result}
                </div>
            </CardBody>
        </Card>
    }
    .into_any())
}

fn trial_result(page: &AffiliateProgramPage, trial: Trial) -> AnyView {
    let sites = page.program.allowed_domains.domains().join(", ");
    let (tone, title) = match trial.problem {
        None => (Tone::Success, "A click on it counts"),
        Some(_) => (Tone::Warning, "A click on it does not count"),
    };
    let why = match trial.problem {
        None if trial.needs_consent => {
            "It counts once the visitor agrees to be tracked on the site.".to_owned()
        }
        None => String::new(),
        Some(TrialProblem::NotAnAddress) => {
            "It is not a web address, such as https://example.com/pricing.".to_owned()
        }
        Some(TrialProblem::ForeignSite) => format!("It is neither one of your links nor a page on {sites}."),
        Some(TrialProblem::NoCode) => {
            "It has no code. Add ?via= and your code, or use one of your links.".to_owned()
        }
        Some(TrialProblem::NotYours) => "Its code is none of yours. Check the spelling.".to_owned(),
        Some(TrialProblem::AffiliateNotActive) => {
            "You’re not active in the program. It leads to the site all the same.".to_owned()
        }
        Some(TrialProblem::ProgramNotActive) => {
            "The program is not running. It leads to the site all the same.".to_owned()
        }
    };
    let leads = trial.destination.map(|url| {
        let href = safe_href(&url).to_owned();
        view! { "It leads to "<a href=href rel="noopener">{short_url(&url)}</a>". " }
    });
    view! { <Notice title tone>{leads}{why}</Notice> }.into_any()
}

fn new_link(page: &AffiliateProgramPage, form: FormState) -> AnyView {
    let hosts = format!(
        "A page on {}. Leave empty for the home page",
        page.program.allowed_domains.domains().join(", ")
    );
    let program = page.program.id.to_string();
    view! {
        <Card id="new" title="New link">
            <CardBody>
                <form class="form" method="post" action=CreateOwnLink::PATH novalidate>
                    <ErrorSummary errors=form.errors().to_vec()/>
                    <input type="hidden" name="program" value=program/>
                    <TextField
                        field=form.field("link[code]", "")
                        label="Code"
                        hint="The last part of the link. Leave empty to generate one"
                        optional=true
                        kind=TextKind::Code
                    />
                    <TextField field=form.field("link[destination_url]", "") label="Destination" hint=hosts optional=true kind=TextKind::Url/>
                    <TextField
                        field=form.field("link[placement]", "")
                        label="Placement"
                        hint="Where you use the link, such as newsletter"
                        optional=true
                        kind=TextKind::Code
                    />
                    <FormActions submit="Create link"/>
                </form>
            </CardBody>
        </Card>
    }
    .into_any()
}

/// How to link to any page without a link of its own.
fn any_page(page: &AffiliateProgramPage, code: Option<String>) -> Option<AnyView> {
    let example = format!("{}?via={}", page.program.website, code?);
    Some(
        view! {
            <Card id="via" title="Any page">
                <CardBody>
                    <div class="stack tight">
                        <p class="muted">"Add ?via= and one of your codes to the address of any page on the site. The tracking script there counts the visit like a click on your link, so you need no link for each page."</p>
                        <CopyField id="via-example" label="Address with your code" value=example/>
                    </div>
                </CardBody>
            </Card>
        }
        .into_any(),
    )
}

/// The promotion codes that credit the affiliate.
fn own_codes(page: &AffiliateProgramPage, codes: Vec<Coupon>) -> Option<AnyView> {
    if codes.is_empty() {
        return None;
    }
    let items = codes.into_iter().map(|code| match code.status.problem_at(page.page.now) {
        None => Fact::new(code.code, "credits you, even without a click"),
        Some(problem) => Fact::new(code.code, promotion_code::problem_badge(problem)),
    });
    let items: Vec<Fact> = items.collect();
    Some(
        view! {
            <Card id="codes" title="Your promotion codes">
                <CardBody><Facts items compact=true/></CardBody>
            </Card>
        }
        .into_any(),
    )
}

/// Creates a link for the signed-in affiliate.
#[server(prefix = "/do", endpoint = "own-link/create")]
pub async fn create_own_link(
    /// The program.
    #[server(default)]
    program: String,
    /// The form.
    #[server(default)]
    link: LinkForm,
) -> Result<(), ServerFnError> {
    let id = program.parse::<ProgramId>();
    let path =
        id.as_ref().map_or(routes::AFFILIATE_PROGRAMS.to_owned(), |id| routes::affiliate_program(id).links());
    finish(Submission::new(CreateOwnLink::PATH, path.clone()).with_values("link", &link), async {
        let id = id.map_err(|_| Refusal::NotFound)?;
        let draft = link.draft().map_err(engine::Error::from)?;
        let made = engine::programs::links::create_own(&engine(), &affiliate().await?, &id, &draft).await?;
        Ok(Redirect::to(path).with_flash(Flash::done(format!("The link /r/{} is ready.", made.code))))
    })
    .await
}
