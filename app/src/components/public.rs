//! A program's public page: its frame and its parts.

use leptos::prelude::*;

use super::site::{SiteBar, SiteFoot};
use super::{SkipLink, TestBar, TestNote};
use crate::request::href::safe_href;
use crate::routes;
use crate::text::plain_text::{Piece, pieces};

/// What the frame of a program's public page shows.
#[derive(Clone, Debug)]
pub struct PublicFrame {
    /// The program's name.
    pub program: String,
    /// The company's name; may be empty.
    pub merchant: String,
    /// The public page.
    pub home: String,
    /// The address of its logo.
    pub logo: Option<String>,
    /// The company's site; may be empty.
    pub website: String,
    /// The bar that marks test data, when it is.
    pub test_bar: Option<TestNote>,
}

/// The frame of a program's public pages.
#[component]
pub fn PublicShell(
    /// What the frame shows.
    frame: PublicFrame,
    /// Across the whole width, above the rest.
    #[prop(optional)]
    offer: Option<AnyView>,
    /// At the end of the bar.
    #[prop(optional)]
    action: Option<AnyView>,
    /// The rest.
    children: Children,
) -> impl IntoView {
    let by = if frame.merchant.is_empty() { String::new() } else { format!("by {}", frame.merchant) };
    let foot = if frame.website.is_empty() { Vec::new() } else { vec![(frame.merchant, frame.website)] };
    view! {
        <SkipLink/>
        {frame.test_bar.map(|note| view! { <TestBar note/> })}
        <SiteBar name=frame.program by home=frame.home logo=frame.logo><a href=routes::SIGN_IN>"Sign in"</a>{action}</SiteBar>
        <main id="content">
            {offer}
            <div class="site"><div class="page public">{children()}</div></div>
        </main>
        <SiteFoot links=foot/>
    }
}

/// The offer: one sentence, what the merchant says, and the way to the form.
#[component]
pub fn OfferHero(
    /// "Earn 25% of each payment for 12 months"
    heading: String,
    /// Below it: what is recommended.
    lead: String,
    /// Buttons and links.
    actions: AnyView,
    /// The numbers that people ask for first: what each means, and its value.
    facts: Vec<(String, String)>,
    /// The card beside it.
    children: Children,
) -> impl IntoView {
    let facts = facts.into_iter().map(|(label, value)| view! { <div><dt>{label}</dt><dd>{value}</dd></div> });
    view! {
        <div class="offer">
            <Motif/>
            <div class="inner">
                <div class="hero">
                    <h1>{heading}</h1>
                    <p class="sub">{lead}</p>
                    <p class="actions">{actions}</p>
                    <dl class="three">{facts.collect_view()}</dl>
                </div>
                {children()}
            </div>
        </div>
    }
}

/// A comb behind the offer.
#[component]
fn Motif() -> impl IntoView {
    view! {
        <svg class="motif" aria-hidden="true" fill="none" stroke="currentColor" stroke-width="1.5">
            <defs>
                <pattern id="comb" width="58.9" height="102" patternUnits="userSpaceOnUse">
                    <path d="M29.4 -31 56.3 -15.5V15.5L29.4 31 2.6 15.5V-15.5Z M29.4 71 56.3 86.5V117.5L29.4 133 2.6 117.5V86.5Z M0 20 26.8 35.5V66.5L0 82-26.8 66.5V35.5Z M58.9 20 85.7 35.5V66.5L58.9 82 32 66.5V35.5Z"></path>
                </pattern>
            </defs>
            <rect width="100%" height="100%" fill="url(#comb)" stroke="none"></rect>
        </svg>
    }
}

/// What each month of a year brings, as bars.
#[component]
pub fn Ramp(
    /// The heights, 0 to 1,000.
    heights: Vec<i64>,
    /// What the bars show, for those who do not see them.
    label: String,
    /// The first month's amount.
    first: String,
    /// The last month's amount.
    last: String,
) -> impl IntoView {
    /// The height of the highest bar, in hundredths of the drawing's units.
    const HIGHEST: i64 = 5_700;
    let months = heights.len();
    let bars = heights.into_iter().enumerate().map(|(month, height)| {
        let (x, height) = (month * 10 + 1, height * HIGHEST / 1_000);
        let hundredths = |number: i64| format!("{}.{:02}", number / 100, number % 100);
        view! { <rect x=x width="8" y=hundredths(6_000 - height) height=hundredths(height)></rect> }
    });
    view! {
        <figure class="ramp">
            <svg viewBox="0 0 120 60" preserveAspectRatio="none" role="img" aria-label=label>
                {bars.collect_view()}
                <path class="base" d="M0 60H120"></path>
            </svg>
            <figcaption>
                <span>"Month 1"<br/><b>{first}</b></span>
                <span>{format!("Month {months}")}<br/><b>{last}</b></span>
            </figcaption>
        </figure>
    }
}

/// Three steps in a row.
#[component]
pub fn Steps(
    /// Their headings and sentences.
    steps: Vec<(&'static str, String)>,
) -> impl IntoView {
    let steps = steps.into_iter().enumerate().map(|(index, (heading, sentence))| {
        view! {
            <li>
                <svg viewBox="0 0 28 28" aria-hidden="true">
                    <path d="M14 2 24.4 8V20L14 26 3.6 20V8Z"></path>
                    <text x="14" y="17.6">{index + 1}</text>
                </svg>
                <h3>{heading}</h3>
                <p>{sentence}</p>
            </li>
        }
    });
    view! { <ol class="steps-3">{steps.collect_view()}</ol> }
}

/// Plain text that a person wrote: a blank line begins a paragraph, addresses are links.
#[component]
pub fn PlainText(
    /// The text.
    text: String,
) -> impl IntoView {
    let paragraphs = pieces(&text).into_iter().map(|pieces| {
        let pieces = pieces.into_iter().map(|piece| match piece {
            Piece::Words(words) => words.into_any(),
            Piece::Break => view! { <br/> }.into_any(),
            Piece::Link(url) => {
                let href = safe_href(&url).to_owned();
                view! { <a href=href rel="nofollow noopener">{url}</a> }.into_any()
            }
        });
        view! { <p>{pieces.collect_view()}</p> }
    });
    view! { <div class="prose">{paragraphs.collect_view()}</div> }
}
