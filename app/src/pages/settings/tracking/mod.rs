//! Settings > Tracking: the script on the merchant's site, and the way of a click into
//! the checkout.

mod check;

use leptos::prelude::*;

pub use self::check::{TestSale, test_sale};
use self::check::{Troubleshooting, check_card};
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
    let (stripe, events, unattributed) =
        (page.path("settings/stripe"), page.path("events"), page.path("unattributed"));
    let (required, general) = (page.program.require_consent, page.path("settings"));
    let crumbs = page.crumbs(&[("Settings", "settings")], "Tracking");
    Ok(view! {
        <MerchantShell frame=page.frame(Section::Tracking) crumbs narrow=true>
            <PageHead title="Tracking" lead="A click on a link has to arrive in the checkout. Two steps: the script on your site, and its token in Stripe."/>
            {snippet}
            <Checkout/>
            <Leads/>
            <Consent required general/>
            <WithoutScript base days/>
            {check}
            <Troubleshooting stripe events unattributed/>
        </MerchantShell>
    }
    .into_any())
}

/// The snippet of a program. The name of the element is put in, because sources must not
/// hold a raw one.
fn snippet(base: &str, program: &str, require_consent: bool) -> String {
    const ELEMENT: &str = "script";
    let consent = if require_consent { " data-consent=\"required\"" } else { "" };
    format!("<{ELEMENT} src=\"{base}/hg.js\" data-program=\"{program}\"{consent} defer></{ELEMENT}>")
}

fn snippet_card(page: &ProgramPage, base: &str) -> AnyView {
    let program = &page.program;
    let code = snippet(base, program.id.as_str(), program.require_consent);
    let seen = match program.script_seen_at {
        Some(at) => {
            HealthItem::good("Script on your site", view! { "seen "<Time at=page.zone.ago(at, page.now)/> })
                .note("A page of yours has loaded it")
        }
        None => HealthItem::waiting("Script on your site", "not seen yet")
            .note("Open a page of yours that has the snippet; this turns green then"),
    };
    let where_to = format!(
        "On every page that a link may lead to and on the page with the checkout, anywhere in the head. It works \
         on {} and their subdomains.",
        program.allowed_domains.domains().join(", ")
    );
    view! {
        <Card id="snippet" title="1. Put the script on your site">
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
                    Fact::new("Payment Links", "Nothing to do").note("The script adds the token to links to buy.stripe.com, late ones too"),
                    Fact::new("Buy buttons and pricing tables", "Nothing to do").note("The script sets client-reference-id on Stripe’s elements"),
                    Fact::new("Checkout made by your server", "Add the token to its metadata")
                        .note("Read the cookie hg_click, or send Honeyguide.checkoutMetadata() along from the page"),
                ]/>
                <div class="stack tight gap-top">
                    <Sample id="node" title="Node" code=NODE open=true/>
                    <Sample id="python" title="Python" code=PYTHON/>
                    <Sample id="curl" title="curl, and any other language" code=CURL/>
                    <p class="muted">
                        "Subscriptions and payments do not inherit a session’s metadata, so the token goes into both. "
                        "For a PaymentIntent without Checkout, put it into the intent’s own metadata."
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
    code: &'static str,
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
fn Leads() -> impl IntoView {
    view! {
        <Card id="leads" title="Leads">
            <CardBody>
                <div class="stack tight">
                    <p class="muted">"Tell Honeyguide the address of somebody who signs up. A payment with this address then finds its affiliate even when the checkout carried no token, as after a trial or on another device."</p>
                    <CodeBlock id="lead-code" label="Reporting a lead" code="await Honeyguide.lead({ email: form.email.value });"/>
                    <p class="muted">"The address is used to match payments only. Affiliates never see it."</p>
                </div>
            </CardBody>
        </Card>
    }
}

#[component]
fn Consent(required: bool, general: String) -> impl IntoView {
    let now = if required {
        "This program waits for consent: the snippet says so, and nothing is kept in a browser before your banner calls this."
    } else {
        "This program does not wait for consent. If your visitors have to be asked first, switch it on under General; the snippet then changes."
    };
    view! {
        <Card id="consent" title="Consent" aside=view! { <a href=general>"General"</a> }.into_any()>
            <CardBody>
                <div class="stack tight">
                    <p class="muted">{now}</p>
                    <CodeBlock id="consent-code" label="Telling the answer" code="Honeyguide.consent('granted'); // or 'denied', which removes the cookie"/>
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
                    <p class="muted">{format!("A link such as {base}/r/CODE leads to your page with hg_click=hgc_… in the address. Your server can read it there, keep it for {days} days with the visitor’s account or session, and put it into the checkout as above. No cookie of ours is needed.")}</p>
                    <p class="muted">"The token is a random word: it says nothing about the visitor, and Honeyguide looks it up as a click and as nothing else."</p>
                </div>
            </CardBody>
        </Card>
    }
}

#[cfg(test)]
mod tests {
    use super::snippet;

    #[test]
    fn the_snippet_asks_for_consent_where_the_program_does() {
        let plain = snippet("https://hg.example", "prg_1", false);
        assert!(plain.contains("src=\"https://hg.example/hg.js\" data-program=\"prg_1\" defer>"), "{plain}");
        assert!(snippet("https://hg.example", "prg_1", true).contains("data-consent=\"required\""));
    }
}
