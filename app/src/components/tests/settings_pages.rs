//! The settings of a program.

use leptos::prelude::*;

use super::super::*;
use super::merchant_pages::{crumbs, frame, when};
use crate::forms::{Flash, FormState};

pub(super) fn terms() -> AnyView {
    let mut form = FormState::default().typed("rate", "250").typed("window", "400").typed("minimum", "1,000");
    form.refuse("rate", "Enter a percentage from 0.01 to 100");
    form.refuse("window", "Enter a number of days from 1 to 365");
    form.refuse("minimum", "Enter the minimum payout with a point for the cents, such as 1000.00");
    let kinds = vec![
        Choice::new(
            "percent",
            "A percentage of each payment",
            "Calculated on what the customer paid, after discounts, credit and tax.",
        ),
        Choice::new("fixed", "A fixed amount per payment", "The same for every plan, in USD."),
    ];
    let recurrence = vec![
        Choice::new("first", "First payment only", "Renewals earn nothing."),
        Choice::new("months", "All payments for 12 months", "Counted from the customer’s first payment."),
        Choice::new("life", "All payments, for good", "Every payment, as long as the customer pays."),
    ];
    let aside = view! {
        <Card id="v3" title="In effect now" aside=view! { <p>"Version 3"</p> }.into_any() foot=view! { <a href="/history">"All 3 versions"</a> }.into_any()>
            <CardBody><Facts compact=true items=vec![
                Fact::new("Since", view! { <Time at=when("1 Aug 2026")/> }),
                Fact::new("Commission", "25 % for 12 months"),
                Fact::new("Window", "60 days, last click"),
            ]/></CardBody>
        </Card>
    };
    view! {
        <MerchantShell frame=frame("General and terms") crumbs=crumbs("General and terms") narrow=true>
            <PageHead title="General and terms" lead="A change makes a new version. Conversions keep the version they were made under."/>
            <Columns aside=aside.into_any()>
                <ErrorSummary errors=form.errors().to_vec()/>
                <form class="form" action="/do/terms/preview" method="post" novalidate>
                    <div class="form-section"><h2>"Commission"</h2>
                        <ChoiceField field=form.field("kind", "percent") label="How is a commission computed?" choices=kinds/>
                        <NumberField field=form.field("rate", "25") label="Percentage of the payment" hint="Up to two decimals, such as 12.5" unit="%" kind=NumberKind::Decimal/>
                        <ChoiceField field=form.field("recurrence", "months") label="Which payments count?" choices=recurrence/>
                    </div>
                    <div class="form-section"><h2>"Attribution"</h2>
                        <NumberField field=form.field("window", "60") label="Cookie window" hint="How long after a click a first payment still counts" unit="days"/>
                    </div>
                    <div class="form-section"><h2>"Payouts"</h2>
                        <MoneyField field=form.field("minimum", "100.00") label="Minimum payout" hint="Smaller balances carry over to the next payout" currency="USD"/>
                        <Checkbox field=form.field("auto", "") checked=true label="Approve affiliates at once".into_any()/>
                        <TextArea field=form.field("note", "From December, yearly plans count for a longer window.") label="Note to affiliates" optional=true hint="Submission with the notice of the change"/>
                    </div>
                    <FormActions submit="Preview the change" cancel="/programs/prg_1"/>
                </form>
            </Columns>
        </MerchantShell>
    }
    .into_any()
}

pub(super) fn stripe() -> AnyView {
    let url = "https://partners.lumennotes.example/webhooks/stripe/whk_8h2mq4x7";
    let modes = ["Live", "Test"].map(|label| Segment {
        label: label.into(),
        href: "?".into(),
        current: label == "Live",
        ..Segment::default()
    });
    let actions = view! {
        <Segments label="Stripe mode" items=modes.to_vec()/>
        <form action="/do/stripe/repair" method="post"><button class="button"><Icon name="refresh"/>"Repair Webhooks"</button></form>
    };
    let way = |title: &str, recommended| {
        MethodCard {
        tagline: "Nothing to grant".into(),
        title: title.into(),
        text: "You add our endpoint in the Stripe Dashboard. We only see the events it sends.".into(),
        steps: ["Copy our URL and the 24 event types", "Add an endpoint in Stripe", "Paste its signing secret here"].map(String::from).to_vec(),
        action: view! { <a class=if recommended { "button primary" } else { "button" } href="/manual">"Set up by hand"</a> }.into_any(),
        recommended,
    }
    };
    view! {
        <MerchantShell frame=Frame { test_bar: Some(TestNote::new("Sandbox: no money moves")), flashes: vec![Flash::done("The endpoint was saved.")], ..frame("Stripe") } crumbs=crumbs("Stripe") narrow=true>
            <PageHead title="Stripe" state=State::CONNECTED lead="Payments are credited as they arrive." actions=actions.into_any()/>
            <Card id="health" title="Health" aside=view! { <a href="/events">"All events"</a> }.into_any()>
                <HealthList items=vec![
                    HealthItem::good("Last event", view! { <Time at=when("2 min ago")/> }).note(view! { <span class="mono">"invoice.paid"</span>", 318 events in the last 24 hours" }),
                    HealthItem::waiting("Oldest unprocessed event", view! { <Time at=when("29 min ago")/> }).note("A charge waits for its invoice; nothing to do"),
                    HealthItem::good("Signatures", "all valid for 30 days"),
                    HealthItem::bad("Daily check", "not run for 3 days"),
                ]/>
            </Card>
            <Card id="endpoint" title="Webhook endpoint">
                <CardBody><Facts items=vec![
                    Fact::new("URL", view! { <CopyField id="url" label="Endpoint URL" value=url/> }),
                    Fact::new("Stripe account", "Lumen Notes, Inc.").id("acct_1Lq8RtKd20VxN5wu"),
                    Fact::new("API version", "2025-02-24.acacia").note("Fixed when the endpoint is created"),
                ]/></CardBody>
            </Card>
            <Card id="snippet" title="Tracking snippet">
                <CardBody><CodeBlock id="code" label="Tracking snippet" code="<script src=\"https://partners.lumennotes.example/hg.js\"\n        data-program=\"prg_1\" defer></script>"/></CardBody>
            </Card>
            <MethodCards items=vec![way("Restricted key", true), way("Sign in with Stripe", false), way("By hand", false)]/>
            <DangerCard id="disconnect" title="Disconnect Stripe" consequence="Forgets the secret. The 212 conversions and all balances stay; new payments are no longer credited.">
                <a class="button danger" href="/disconnect">"Disconnect…"</a>
            </DangerCard>
        </MerchantShell>
    }
    .into_any()
}
