//! The troubleshooting list: an entry for everything that can be wrong.

use leptos::prelude::*;

use crate::components::{Card, CardBody, Icon};
use crate::layout::ProgramPage;
use crate::trouble::Trouble;

/// The list.
pub(super) fn troubleshooting(page: &ProgramPage) -> AnyView {
    let entries = Trouble::ALL.map(|trouble| entry(page, trouble)).into_iter().collect_view();
    view! {
        <Card id="troubleshooting" title="Troubleshooting">
            <CardBody><div class="stack tight">{entries}</div></CardBody>
        </Card>
    }
    .into_any()
}

/// An entry. Its text has the id, because a browser opens what is around a link's target.
fn entry(page: &ProgramPage, trouble: Trouble) -> AnyView {
    view! {
        <details class="more">
            <summary><Icon name="right"/>{title(trouble)}</summary>
            <p class="gap-top" id=trouble.anchor()>{text(page, trouble)}</p>
        </details>
    }
    .into_any()
}

const fn title(trouble: Trouble) -> &'static str {
    match trouble {
        Trouble::Connecting => "Connecting with Stripe fails",
        Trouble::AccessEnded => "Stripe has ended our access",
        Trouble::PlatformKey => "Stripe rejects this server’s platform key",
        Trouble::PlatformEndpoint => "The platform’s endpoint could not be created",
        Trouble::NoWebhook => "No webhook arrives",
        Trouble::EndpointDeleted => "The endpoint was deleted in Stripe",
        Trouble::EndpointDisabled => "The endpoint is disabled in Stripe",
        Trouble::EndpointMoved => "The endpoint sends to another address",
        Trouble::EventTypes => "The endpoint does not send all event types",
        Trouble::OtherVersion => "The endpoint has another API version",
        Trouble::SigningSecret => "Stripe’s log shows 401",
        Trouble::Clock => "Signatures are too old",
        Trouble::SignatureHeader => "Signatures are missing or unreadable",
        Trouble::RepairFailed => "A repair could not fix everything",
        Trouble::EventsWaiting => "Events are stored but not processed",
        Trouble::EventsFailed => "Events fail",
        Trouble::SeveralAccounts => "You have several Stripe accounts",
        Trouble::MissingConversion => "A sale does not appear as a conversion",
        Trouble::WrongAffiliate => "Sales are credited to the wrong affiliate",
    }
}

fn text(page: &ProgramPage, trouble: Trouble) -> AnyView {
    let to = |href: String, text: &'static str| view! { <a href=href>{text}</a> };
    let stripe = || to(page.routes().settings().stripe(), "Settings > Stripe");
    let repair = || to(page.routes().settings().stripe(), "Repair Webhooks");
    let events = || to(page.routes().events(), "Events");
    match trouble {
        Trouble::Connecting => view! {
            "Stripe shows its reason after you choose the account, and " {stripe()}
            " repeats it with what to do. The usual causes: a different account was chosen than the one that sells, the page was open for more than ten minutes, or the account is controlled by another platform. A restricted key works for every account."
        }
        .into_any(),
        Trouble::AccessEnded => view! {
            "The connection was removed in the Stripe Dashboard, the restricted key was deleted or rolled, or the app was uninstalled. Reconnect under " {stripe()}
            ", with the same method or another. Events from the last 30 days are then fetched, so sales made in between are credited."
        }
        .into_any(),
        Trouble::PlatformKey => view! {
            "Connections by signing in with Stripe use the key of this server’s platform. Stripe rejects that key: it was rolled or deleted. The operator of this server has to set the new one. Until then, connect with a restricted key under " {stripe()}
            "."
        }
        .into_any(),
        Trouble::PlatformEndpoint => view! {
            "Programs that sign in with Stripe share one endpoint on the platform’s account, and Stripe did not create it. Often its address is not public, or not https. " {repair()}
            " tries again and fetches what was missed."
        }
        .into_any(),
        Trouble::NoWebhook => view! {
            "Stripe must be able to reach this server at a public https address. In Stripe, open Developers > Webhooks and look at the endpoint’s last attempts: a time-out or a redirect means that the address or a proxy is wrong. " {repair()}
            " finds an endpoint that is missing, disabled or sends elsewhere, and fetches missed events."
        }
        .into_any(),
        Trouble::EndpointDeleted => view! {
            "Someone deleted the endpoint under Developers > Webhooks, so Stripe sends nothing. " {repair()}
            " creates it again and fetches missed events."
        }
        .into_any(),
        Trouble::EndpointDisabled => view! {
            "Someone disabled the endpoint under Developers > Webhooks, or Stripe did because this server did not answer for days. Make sure that the server can be reached from outside, then press " {repair()}
            ": it enables the endpoint and fetches missed events."
        }
        .into_any(),
        Trouble::EndpointMoved => view! {
            "The address of the endpoint was changed in Stripe, or this server has a new one. " {repair()}
            " corrects it and fetches missed events."
        }
        .into_any(),
        Trouble::EventTypes => view! {
            "Some event types are not selected at the endpoint. Without them, refunds, renewals or whole sales can be missing. " {repair()}
            " adds them. If you added the endpoint yourself, edit it under Developers > Webhooks. " {stripe()}
            " has the list."
        }
        .into_any(),
        Trouble::OtherVersion => view! {
            "Stripe fixes the API version of an endpoint when it is created. " {repair()}
            " creates one with the right version, then deletes the old one. No event is lost or counted twice."
        }
        .into_any(),
        Trouble::SigningSecret => view! {
            "The signing secret stored here is not the endpoint’s, so its events are rejected. Paste the current one in " {stripe()}
            ", or press Repair Webhooks, which replaces the endpoint. A server clock that is off by more than five minutes has the same effect."
        }
        .into_any(),
        Trouble::Clock => view! {
            "A signature counts for five minutes. Synchronize this server’s clock with NTP. If it is right, a proxy delays requests. Stripe sends rejected events again for up to three days, and " {repair()}
            " fetches them at once."
        }
        .into_any(),
        Trouble::SignatureHeader => view! {
            "Stripe signs every delivery in the header Stripe-Signature. A request without it comes from someone else and does no harm. If Stripe’s own deliveries lose it, a proxy in front of this server removes or changes headers. See the rejected deliveries under " {events()}
            "."
        }
        .into_any(),
        Trouble::RepairFailed => view! {
            "The report under " {stripe()}
            " names the step and what Stripe said. If a restricted key is missing a permission, edit it in Stripe under Developers > API keys. If Stripe did not answer, the repair runs again every hour."
        }
        .into_any(),
        Trouble::EventsWaiting => view! {
            "Events are processed within seconds. If they wait for minutes, the server has stopped working or its disk is full: ask its operator to check the log and /readyz. No events are lost. " {events()}
            " shows what is waiting."
        }
        .into_any(),
        Trouble::EventsFailed => view! {
            "An event that fails is tried again for about half a day, then kept as failed. Open it under " {events()}
            " to see the error, and replay it when the cause is gone."
        }
        .into_any(),
        Trouble::SeveralAccounts => view! {
            "A program reads payments from one account, live or test. Connect the account that your checkout charges. For another account, create another program."
        }
        .into_any(),
        Trouble::MissingConversion => view! {
            "Look for it among the " {to(page.routes().unattributed(), "unattributed payments")}
            ": each shows which checks ran and what would have helped. If it is not there either, its event has not arrived; see " {events()} "."
        }
        .into_any(),
        Trouble::WrongAffiliate => view! {
            "The first affiliate keeps a customer; later clicks on other links change nothing. Your terms say which click counts within the window and whether codes come before clicks. Each conversion names the check that decided. " {events()}
            " shows what Stripe sent."
        }
        .into_any(),
    }
}
