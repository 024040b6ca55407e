//! Settings > Tracking: the script on the merchant's site, and how a click gets into the
//! checkout.

mod check;
mod leads;
mod troubleshooting;

use leptos::prelude::*;

use self::check::check_card;
pub use self::check::{TestSale, test_sale};
use self::leads::leads_card;
pub use self::leads::{RenewLeadSecret, renew_lead_secret};
use self::troubleshooting::troubleshooting;
use crate::components::{
    Card, CardBody, CodeBlock, Fact, Facts, HealthItem, HealthList, Icon, MerchantShell, PageHead, Time,
};
use crate::layout::{ProgramPage, Section};
use crate::pages::page;
use crate::presenters::snippets::{CURL, NODE, PYTHON};
use crate::request::access::Access;

/// Settings > Tracking.
#[component]
pub fn SettingsTracking() -> impl IntoView {
    page(tracking())
}

async fn tracking() -> Access<AnyView> {
    let page = ProgramPage::load().await?;
    let terms = engine::programs::terms::current(&page.engine, &page.actor, &page.program.id).await?;
    page.title("Tracking", false);
    let days = terms.terms.window_days;
    let base = page.engine.base_url().to_owned();
    let snippet = snippet_card(&page, &base);
    let check = check_card(&page).await?;
    let leads = leads_card(&page, &base).await?;
    let troubleshooting = troubleshooting(&page);
    let (required, general) = (page.program.require_consent, page.routes().settings().general());
    let crumbs = page.crumbs(&[("Settings", page.routes().settings().general())], "Tracking");
    Ok(view! {
        <MerchantShell frame=page.frame(Section::Tracking) crumbs narrow=true>
            <PageHead title="Tracking" lead="Connect clicks to checkouts in two steps: add the script to your site, then pass its token to Stripe."/>
            {snippet}
            <Checkout/>
            {leads}
            <Consent required general/>
            <WithoutScript base days/>
            {check}
            {troubleshooting}
        </MerchantShell>
    }
    .into_any())
}

/// The snippet of a program. The name of the element is inserted, because sources must not
/// contain a raw one.
fn snippet(base: &str, program: &str, require_consent: bool) -> String {
    const ELEMENT: &str = "script";
    let consent = if require_consent { " data-consent=\"required\"" } else { "" };
    format!("<{ELEMENT} src=\"{base}/hg.js\" data-program=\"{program}\"{consent} defer></{ELEMENT}>")
}

/// Where the snippet works: IP addresses have no subdomains.
fn works_on(hosts: &[String]) -> String {
    let is_address = |host: &String| host.parse::<std::net::IpAddr>().is_ok();
    let list = hosts.join(", ");
    match hosts {
        hosts if hosts.iter().all(is_address) => format!("It works on {list}."),
        [_] => format!("It works on {list} and its subdomains."),
        _ => format!("It works on {list} and their subdomains."),
    }
}

fn snippet_card(page: &ProgramPage, base: &str) -> AnyView {
    let program = &page.program;
    let code = snippet(base, program.id.as_str(), program.require_consent);
    let seen = match program.script_seen_at {
        Some(at) => {
            HealthItem::good("Script on your site", view! { "seen "<Time at=page.zone.ago(at, page.now)/> })
                .note("One of your pages has loaded it")
        }
        None => HealthItem::waiting("Script on your site", "not seen yet")
            .note("Open a page that has the snippet; this then turns green"),
    };
    let where_to = format!(
        "Add it to the head of every landing page and of the checkout page. {}",
        works_on(program.allowed_domains.domains())
    );
    view! {
        <Card id="snippet" title="1. Add the script to your site">
            <CardBody>
                <div class="stack tight">
                    <p class="muted">{where_to}</p>
                    <CodeBlock id="snippet-code" label="Tracking snippet" code/>
                </div>
            </CardBody>
            <HealthList items=vec![seen]/>
        </Card>
    }
    .into_any()
}

#[component]
fn Checkout() -> impl IntoView {
    view! {
        <Card id="checkout" title="2. Pass the click to Stripe">
            <CardBody>
                <Facts items=vec![
                    Fact::new("Payment Links", "Nothing to do").note("The script adds the token to links to buy.stripe.com, including dynamically added ones"),
                    Fact::new("Buy buttons and pricing tables", "Nothing to do").note("The script sets client-reference-id on Stripe’s elements"),
                    Fact::new("Checkout created by your server", "Add the token to its metadata")
                        .note("Read the cookie hg_click, or send Honeyguide.checkoutMetadata() from the page"),
                ]/>
                <div class="stack tight gap-top">
                    <Sample id="node" title="Node" code=NODE open=true/>
                    <Sample id="python" title="Python" code=PYTHON/>
                    <Sample id="curl" title="curl, and any other language" code=CURL/>
                    <p class="muted">
                        "Subscriptions and payments don’t inherit a session’s metadata, so add the token to both. "
                        "For a PaymentIntent without Checkout, add it to the intent’s own metadata."
                    </p>
                </div>
            </CardBody>
        </Card>
    }
}

#[component]
fn Sample(
    id: &'static str,
    title: &'static str,
    #[prop(into)] code: String,
    #[prop(optional)] open: bool,
) -> impl IntoView {
    view! {
        <details class="more" open=open>
            <summary><Icon name="right"/>{title}</summary>
            <div class="gap-top"><CodeBlock id label=title code/></div>
        </details>
    }
}

#[component]
fn Consent(required: bool, general: String) -> impl IntoView {
    let now = if required {
        "This program requires consent: nothing is stored in the browser before your banner calls this."
    } else {
        "This program doesn’t require consent. If you have to ask visitors first, turn it on under General. The snippet then changes."
    };
    view! {
        <Card id="consent" title="Consent" aside=view! { <a href=general>"General"</a> }.into_any()>
            <CardBody>
                <div class="stack tight">
                    <p class="muted">{now}</p>
                    <CodeBlock id="consent-code" label="Reporting consent" code="Honeyguide.consent('granted'); // or 'denied', which removes the cookie"/>
                </div>
            </CardBody>
        </Card>
    }
}

#[component]
fn WithoutScript(base: String, days: i64) -> impl IntoView {
    view! {
        <Card id="without-script" title="Without the script">
            <CardBody>
                <div class="stack tight">
                    <p class="muted">{format!("A link such as {base}/r/CODE leads to your page with hg_click=hgc_… and hg_verifier=… in the address. Your server can read hg_click there, store it for {days} days with the visitor’s account or session, and add it to the checkout as above. No cookie is needed.")}</p>
                    <p class="muted">"The token is random. It says nothing about the visitor and only identifies the click. The verifier belongs to the script: it proves that a lead comes from the browser that made the click. Don’t store it. Parameters that you add to a link, such as utm_source, are passed on to your page."</p>
                </div>
            </CardBody>
        </Card>
    }
}

#[cfg(test)]
mod tests {
    use super::{snippet, works_on};

    #[test]
    fn the_snippet_asks_for_consent_if_the_program_does() {
        let plain = snippet("https://hg.example", "prg_1", false);
        assert!(plain.contains("src=\"https://hg.example/hg.js\" data-program=\"prg_1\" defer>"), "{plain}");
        assert!(snippet("https://hg.example", "prg_1", true).contains("data-consent=\"required\""));
    }

    #[test]
    fn an_address_has_no_subdomains() {
        let on = |hosts: &[&str]| works_on(&hosts.iter().map(|host| (*host).to_owned()).collect::<Vec<_>>());
        assert_eq!(on(&["127.0.0.1"]), "It works on 127.0.0.1.");
        assert_eq!(on(&["lumen.example"]), "It works on lumen.example and its subdomains.");
    }
}
