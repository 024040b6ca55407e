//! Rewards as a list: what each pays over time, and for which payments.

use leptos::prelude::*;

/// What a reward pays up to an age of the customer, as it is drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StairStep {
    /// How high the step is, of a thousand.
    pub height: i64,
    /// Where it ends: "12", or nothing where it goes on.
    pub until: String,
}

/// A reward as it is listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RewardView {
    /// Its place, 1 for the first.
    pub number: usize,
    /// Its name, or else what it pays.
    pub title: String,
    /// What it pays, where the title is its name.
    pub pays: Option<String>,
    /// Its conditions: what each is about, and what it says.
    pub conditions: Vec<(&'static str, String)>,
    /// What it pays over time.
    pub steps: Vec<StairStep>,
}

/// Rewards in order.
#[component]
pub fn RewardList(
    /// The first that fits a payment decides.
    rewards: Vec<RewardView>,
) -> impl IntoView {
    let rows = rewards.into_iter().map(|reward| {
        let pays = reward.pays.clone().map(|pays| view! { <p>{pays}</p> });
        let label = reward.pays.clone().unwrap_or_else(|| reward.title.clone());
        view! {
            <li>
                <div class="reward-row">
                    <RewardNumber number=reward.number/>
                    <div class="body"><h3>{reward.title}</h3>{pays}<ConditionList conditions=reward.conditions/></div>
                    <Stair steps=reward.steps label/>
                </div>
            </li>
        }
    });
    view! { <ol class="rewards" role="list">{rows.collect_view()}</ol> }
}

/// The place of a reward, in a comb cell.
#[component]
pub fn RewardNumber(
    /// 1 for the first.
    number: usize,
) -> impl IntoView {
    view! {
        <svg class="n" viewBox="0 0 28 28" role="img" aria-label=format!("Reward {number}")>
            <path d="M14 2.5 24 8.2v11.6L14 25.5 4 19.8V8.2z"></path>
            <text x="14" y="17.3">{number}</text>
        </svg>
    }
}

/// Conditions as chips.
#[component]
pub(super) fn ConditionList(
    /// What each is about, and what it says.
    conditions: Vec<(&'static str, String)>,
) -> impl IntoView {
    let rows = conditions.into_iter().map(|(label, text)| view! { <li><span>{label}</span>" "{text}</li> });
    view! { <ul class="conds" role="list">{rows.collect_view()}</ul> }
}

/// What a reward pays over time, as stairs.
#[component]
pub fn Stair(
    /// The steps in order.
    steps: Vec<StairStep>,
    /// The same in words.
    label: String,
) -> impl IntoView {
    const WIDTH: i64 = 120;
    const TOP: i64 = 6;
    const GROUND: i64 = 33;
    let ends = steps.last().is_some_and(|last| !last.until.is_empty());
    // What is over is a part of the picture too.
    let parts = steps.len() as i64 + i64::from(ends);
    let x = |part: i64| WIDTH * part / parts.max(1);
    let y = |height: i64| GROUND - (GROUND - TOP) * height / 1_000;
    let mut edge = String::new();
    let mut marks = Vec::new();
    for (step, place) in steps.iter().zip(0_i64..) {
        let start = if place == 0 { "M0 " } else { "V" };
        edge.push_str(&format!("{start}{}H{}", y(step.height), x(place + 1)));
        if !step.until.is_empty() {
            marks.push((x(place + 1), step.until.clone()));
        }
    }
    if ends {
        edge.push_str(&format!("V{GROUND}"));
    }
    let fill = format!("{edge}V{GROUND}H0z");
    let marks =
        marks.into_iter().map(|(x, text)| view! { <text x=x y="44" text-anchor="middle">{text}</text> });
    view! {
        <svg class="stair" viewBox="0 0 120 46" role="img" aria-label=label>
            <path class="fill" d=fill></path>
            <path class="edge" d=edge></path>
            <path class="base" d="M0 33.5H120"></path>
            {marks.collect_view()}
        </svg>
    }
}
