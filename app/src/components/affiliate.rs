//! The affiliate's side: the reward, the link, the way to the next payout.

use leptos::prelude::*;

use super::{CopyField, FactChips, Icon, Progress, ProgressCells, Qr, QrImage};

/// The head of the affiliate's home: what one earns, in a sentence and in chips.
#[component]
pub fn RewardHead(
    /// The page's part of the title; read out, not shown.
    #[prop(into)]
    title: String,
    /// "You earn 25% of each payment for 12 months"
    #[prop(into)]
    reward: String,
    /// "60-day window"
    facts: Vec<String>,
) -> impl IntoView {
    view! {
        <div class="page-head">
            <div class="titles"><h1 class="sr-only">{title}</h1><p class="reward">{reward}</p></div>
            <FactChips facts/>
        </div>
    }
}

/// The link that an affiliate shares.
#[component]
pub fn LinkCard(
    /// "Your link"
    #[prop(into)]
    title: String,
    /// The link itself.
    #[prop(into)]
    url: String,
    /// Where it leads, and what can be added.
    text: AnyView,
    /// The addresses of its QR code as PNG and as SVG.
    files: (String, String),
    /// Buttons.
    #[prop(optional)]
    actions: Option<AnyView>,
) -> impl IntoView {
    let code = Qr::of_link(&url).map(|code| view! { <QrImage code label="QR code of the link"/> });
    view! {
        <section class="card" aria-labelledby="link-title">
            <div class="link-card">
                <div class="body">
                    <h2 id="link-title">{title.clone()}</h2>
                    <CopyField id="link" label=title value=url.clone() large=true/>
                    <p class="muted">{text}</p>
                    <div class="row">
                        <button class="button" type="button" data-share=url hidden><Icon name="share"/>"Share"</button>
                        {actions}
                    </div>
                </div>
                <div class="side">
                    {code}
                    <div class="qr-get">
                        <a class="button quiet" href=files.0><Icon name="download"/>"PNG"</a>
                        <a class="button quiet" href=files.1><Icon name="download"/>"SVG"</a>
                    </div>
                </div>
            </div>
        </section>
    }
}

/// How far a balance is on the way to the minimum payout.
#[component]
pub fn Goal(
    /// "62.40"
    #[prop(into)]
    amount: String,
    /// "of 100.00 USD"
    #[prop(into)]
    of: String,
    /// The same in cells.
    progress: Progress,
    /// Paragraphs: when it is paid, and to where.
    children: Children,
) -> impl IntoView {
    let label = format!("{amount} {of} payable now");
    view! {
        <div class="goal">
            <p class="amount">{amount}" "<small>{of}</small></p>
            <ProgressCells progress label/>
            {children()}
        </div>
    }
}
