//! Not connected: what is needed first, the methods of connecting, and what each can do.

use domain::connections::ConnectionMethod;
use engine::stripe::connections::{Setup, Status};
use leptos::prelude::*;

use crate::components::{
    Card, CardBody, Cell, CellIcon, Column, CopyField, HealthItem, HealthList, MethodCard, MethodCards,
    Table, TableStyle,
};
use crate::layout::ProgramPage;
use crate::routes;
use crate::text::plural;

/// The methods, the best available one first; its button is the page’s main one where
/// connecting is what the page is for.
pub(super) fn methods(page: &ProgramPage, setup: &Setup, is_task: bool) -> AnyView {
    let can_sign_in = setup.live || setup.test;
    let (_, rest) = engine::stripe::connections::event_types();
    let types = engine::stripe::connections::event_types().0.len() + rest.len();
    let action = |method: ConnectionMethod, button: &'static str, first: bool| {
        let class = if first && is_task { "button primary" } else { "button" };
        view! { <a class=class href=page.routes().settings().stripe_method(method)>{button}</a> }.into_any()
    };
    let tag = |first: bool, otherwise: &str| {
        if first { "Recommended for this server".to_owned() } else { otherwise.to_owned() }
    };
    let steps = |steps: [&str; 3]| steps.map(str::to_owned).to_vec();
    let mut items = Vec::new();
    if can_sign_in {
        items.push(MethodCard {
            tagline: tag(true, ""),
            title: "Sign in with Stripe".to_owned(),
            text: "You grant access on Stripe’s own page. No key is shared. Choose this if you’re an administrator of the account.".to_owned(),
            steps: steps(["Sign in to Stripe", "Choose the account and grant access", "Stripe brings you back here"]),
            action: action(ConnectionMethod::OAuth, "Connect Stripe", true),
            recommended: true,
        });
    }
    items.push(MethodCard {
        tagline: tag(!can_sign_in, "About three minutes"),
        title: "Restricted key".to_owned(),
        text: "You create a key with few permissions and paste it. We set up the endpoint. Choose this to control each permission.".to_owned(),
        steps: steps(["Create the key from our list of permissions", "Paste it here", "We create one endpoint and check it"]),
        action: action(ConnectionMethod::Key, "Use a restricted key", !can_sign_in),
        recommended: !can_sign_in,
    });
    let copy = format!("Copy our URL and the {}", plural(types as i64, "event type", "event types"));
    items.push(MethodCard {
        tagline: "No access needed".to_owned(),
        title: "Manual setup".to_owned(),
        text: "You add our endpoint in the Stripe Dashboard. We only see the events it sends. Choose this to grant no access at all.".to_owned(),
        steps: steps([&copy, "Add an endpoint in Stripe", "Paste its signing secret here"]),
        action: action(ConnectionMethod::Manual, "Set up manually", false),
        recommended: false,
    });
    view! { <MethodCards items/> }.into_any()
}

/// What is needed before connecting, ticked where it is known.
pub(super) fn needed(page: &ProgramPage, status: &Status, commission: &str) -> AnyView {
    let was_connected = status.connection.is_some();
    let has_sold = status.connection.as_ref().is_some_and(|connection| connection.last_event_at.is_some());
    let admin = if was_connected {
        HealthItem::good("Admin access at Stripe", "you had it before")
    } else {
        HealthItem::waiting("Admin access at Stripe", "not checked yet").note(
            "An administrator of the account can grant access; a developer can create keys and endpoints",
        )
    };
    let product = if has_sold {
        HealthItem::good("Something to sell", "events received before")
    } else {
        HealthItem::waiting("Something to sell", "no sale yet")
            .note("A product with a price in Stripe, sold by a Payment Link, Checkout or subscription")
    };
    let terms = page.routes().settings().terms();
    let commission =
        HealthItem::good("The program’s commission", view! { <a href=terms>{commission.to_owned()}</a> });
    view! {
        <Card id="needed" title="Requirements">
            <HealthList items=vec![admin, product, commission]/>
        </Card>
    }
    .into_any()
}

/// How far a method can do something.
#[derive(Clone, Copy)]
pub(super) enum Can {
    /// It can.
    Yes(&'static str),
    /// Partly.
    Partly(&'static str),
    /// It cannot, or never does.
    No(&'static str),
}

/// A cell of a table of abilities.
pub(super) fn can(can: Can) -> impl IntoView {
    let (class, cell, words) = match can {
        Can::Yes(words) => ("can", Cell::Paid, words),
        Can::Partly(words) => ("can cannot", Cell::Half, words),
        Can::No(words) => ("can cannot", Cell::Minus, words),
    };
    view! { <span class=class><CellIcon cell/><span>{words}</span></span> }
}

/// How the operator of the server sets up signing in with Stripe.
fn for_the_operator(page: &ProgramPage) -> AnyView {
    let callback = format!("{}{}", page.engine.base_url(), routes::STRIPE_CALLBACK);
    view! {
        <Card id="operator" title="For this server’s operator">
            <CardBody>
                <div class="stack tight">
                    <p class="muted">"To offer signing in with Stripe, register a Connect platform or a Stripe App with this redirect address, then set its keys. "<code>"docs/stripe-platform.md"</code>" has the steps."</p>
                    <CopyField id="callback" label="OAuth redirect address" value=callback/>
                </div>
            </CardBody>
        </Card>
    }
    .into_any()
}

/// What each method can do.
pub(super) fn abilities(page: &ProgramPage, setup: &Setup) -> AnyView {
    const NEVER: Can = Can::No("Never");
    let can_sign_in = setup.live || setup.test;
    let access =
        if setup.requests_write { "Read; Stripe grants it as “read and write”" } else { "Read only" };
    let rows: [(&str, [Can; 3]); 10] = [
        ("Credit payments as they happen", [Can::Yes("Yes"); 3]),
        ("Repair Webhooks", [Can::Yes("Yes"), Can::Yes("Yes"), Can::No("No, we guide you")]),
        ("Fetch missed events, up to 30 days", [Can::Yes("Yes"), Can::Yes("Yes"), Can::No("No")]),
        (
            "Match plain charges to their invoice",
            [Can::Yes("Yes"), Can::Yes("Yes"), Can::Partly("If it arrives within an hour")],
        ),
        ("Compare with Stripe’s own list", [Can::Yes("Yes"), Can::Yes("Yes"), Can::No("No")]),
        (
            "Read payments, invoices, subscriptions, refunds, disputes and checkout metadata",
            [Can::Yes("Yes"), Can::Yes("Yes"), Can::Partly("What events contain")],
        ),
        ("Charge, refund, transfer or pay out money", [NEVER; 3]),
        ("See your balance or bank account", [NEVER; 3]),
        ("Change products, prices or settings", [NEVER; 3]),
        (
            "Access to your account",
            [Can::Partly(access), Can::Partly("Read, and our own endpoint"), Can::No("None")],
        ),
    ];
    let names = ["Sign in with Stripe", "Restricted key", "Manual setup"];
    let from = usize::from(!can_sign_in);
    let mut columns = vec![Column::text("Ability")];
    columns.extend(names[from..].iter().map(|name| Column::text(*name)));
    let rows = rows
        .into_iter()
        .map(|(ability, cells)| {
            let cells = cells
                .into_iter()
                .zip(names)
                .skip(from)
                .map(|(cell, name)| view! { <td data-label=name>{can(cell)}</td> })
                .collect_view();
            view! { <tr><th scope="row">{ability}</th>{cells}</tr> }
        })
        .collect_view();
    let foot = view! {
        <span>"You can switch methods later without losing a payment. To end access, disconnect here, or in Stripe: Settings > Connected accounts after signing in, Developers > API keys for a restricted key, Developers > Webhooks for an endpoint."</span>
    };
    let operator = (!can_sign_in).then(|| for_the_operator(page));
    view! {
        <Card id="abilities" title="What each method can do" foot=foot.into_any()>
            <Table caption="What each connection method can do" columns style=TableStyle::CARDS.spaced()>{rows}</Table>
        </Card>
        {operator}
    }
    .into_any()
}
