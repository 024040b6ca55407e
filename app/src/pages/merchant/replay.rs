//! A replay before it is done: what processing the events again would change, in money.

use domain::commissions::LedgerChange;
use domain::ids::{InboxEventId, ProgramId};
use domain::money::Money;
use engine::ledger::payments::{MOST_REPLAYED, Replay, ReplayedEvent};
use engine::stripe::events::Filter;
use leptos::prelude::*;
use leptos::server_fn::ServerFn;

use crate::components::*;
use crate::forms::Flash;
use crate::forms::submission::{Redirect, Submission, finish};
use crate::layout::{ProgramPage, Section};
use crate::pages::page;
use crate::presenters::labels::event_state;
use crate::presenters::reasons::outcome_sentence;
use crate::request::access::{Access, Refusal, engine, merchant};
use crate::request::queries::{self, EVENT_FILTERS, Parameters};
use crate::routes;
use crate::text::{plural, short_id};

/// A dry run, and the button that does it.
#[component]
pub fn ReplayEvents() -> impl IntoView {
    page(dry_run())
}

async fn dry_run() -> Access<AnyView> {
    let page = ProgramPage::load().await?;
    page.title("Replay", false);
    let parameters = Parameters::of_request();
    let what = What::of(&page, &parameters)?;
    let (engine, actor, program) = (&page.engine, &page.actor, &page.program.id);
    let replay = what.run(engine, actor, program, true).await?;
    let many = replay.events.len();
    let events = plural(many as i64, "event", "events");
    let title = if many == 0 { "Nothing to replay".to_owned() } else { format!("Replay {events}") };
    let lead = if many == 0 {
        ""
    } else {
        "Each event is processed again from its stored copy. Nothing has changed yet."
    };
    let query = parameters.clone().only(&[&EVENT_FILTERS[..], &["event"]].concat()).on("");
    let query = query.trim_start_matches('?').to_owned();
    let back = what.back(&page.program.id, &parameters);
    let crumbs = page.crumbs(&[("Events", page.routes().events())], "Replay");
    let difference = (many > 0).then(|| difference(&replay));
    let cut = (many as i64 == MOST_REPLAYED).then(|| {
        view! { <p class="muted">{format!("These are the newest {MOST_REPLAYED} that match. Narrow the filters to reach older ones.")}</p> }
    });
    let program = page.program.id.to_string();
    let button = (many > 0).then(|| {
        view! {
            <form method="post" action=DoReplay::PATH class="form-actions">
                <input type="hidden" name="program" value=program/>
                <input type="hidden" name="query" value=query/>
                <button class="button primary">{title.clone()}</button>
                <a class="button quiet" href=back.clone()>"Cancel"</a>
            </form>
        }
    });
    let table = table(&page, replay.events, back);
    Ok(view! {
        <MerchantShell frame=page.frame(Section::Events) crumbs>
            <PageHead title lead/>
            {difference}
            {cut}
            {button}
            {table}
        </MerchantShell>
    }
    .into_any())
}

/// Which events: one, or those of a filter.
enum What {
    One(InboxEventId),
    Range(Box<Filter>),
}

impl What {
    fn of(page: &ProgramPage, parameters: &Parameters) -> Access<Self> {
        Self::read(parameters, &page.program.time_zone, page.now)
    }

    fn read(parameters: &Parameters, time_zone: &str, now: domain::clock::Timestamp) -> Access<Self> {
        match parameters.get("event") {
            Some(id) => Ok(Self::One(id.parse().map_err(|_| Refusal::NotFound)?)),
            None => Ok(Self::Range(Box::new(queries::events(parameters, time_zone, now)))),
        }
    }

    async fn run(
        &self,
        engine: &engine::Engine,
        actor: &engine::identity::sessions::MerchantActor,
        program: &ProgramId,
        dry_run: bool,
    ) -> Access<Replay> {
        Ok(match self {
            Self::One(id) => engine::ledger::payments::replay(engine, actor, program, id, dry_run).await?,
            Self::Range(filter) => {
                engine::ledger::payments::replay_range(engine, actor, program, filter, dry_run).await?
            }
        })
    }

    fn back(&self, program: &ProgramId, parameters: &Parameters) -> String {
        match self {
            Self::One(id) => routes::program(program).event(id),
            Self::Range(_) => parameters.clone().only(&EVENT_FILTERS).on(&routes::program(program).events()),
        }
    }
}

fn in_words(difference: &[LedgerChange]) -> String {
    let part = |LedgerChange { affiliate_name, amount }: &LedgerChange| {
        let sign = if amount.minor < 0 { "less" } else { "more" };
        let amount = Money::new(amount.minor.saturating_abs(), amount.currency);
        format!("{amount} {sign} for {affiliate_name}")
    };
    difference.iter().map(part).collect::<Vec<_>>().join("; ")
}

fn difference(replay: &Replay) -> AnyView {
    if replay.difference.is_empty() {
        return view! {
            <Notice title="No commissions would change" cell=Cell::Dot>
                "The ledger already reflects these events. Failed events get a new result."
            </Notice>
        }
        .into_any();
    }
    let text = format!("{}.", in_words(&replay.difference));
    view! { <Notice title="What would change" cell=Cell::Pending>{text}</Notice> }.into_any()
}

fn table(page: &ProgramPage, events: Vec<ReplayedEvent>, back: String) -> AnyView {
    if events.is_empty() {
        let actions = view! { <a class="button primary" href=back>"Back to events"</a> };
        return view! {
            <PlainCard>
                <EmptyState title="No events match" text="There is nothing to replay." actions=actions.into_any()/>
            </PlainCard>
        }
        .into_any();
    }
    let columns = vec![
        Column::text("Event"),
        Column::text("Now"),
        Column::text("After the replay"),
        Column::number("Difference"),
    ];
    let rows = events.into_iter().map(|one| {
        let href = page.routes().event(&one.event.id);
        let sum = |change: &LedgerChange| format!("{} {}", change.amount, change.affiliate_name);
        let sums: Vec<String> = one.changes.iter().map(sum).collect();
        let result = outcome_sentence(&one.outcome, &page.zone);
        let sums = if sums.is_empty() { "None".to_owned() } else { sums.join("; ") };
        view! {
            <tr>
                <th scope="row"><a class="key" href=href>{one.event.event_type.clone()}</a><small class="mono">{short_id(&one.event.event_id)}</small></th>
                <td data-label="Now"><Badge state=event_state(one.event.status)/></td>
                <td class="full">{result}</td>
                <td class="num lead">{sums}</td>
            </tr>
        }
    });
    let rows = rows.collect_view();
    view! { <PlainCard><Table caption="What a replay would do, oldest first" columns style=TableStyle::CARDS>{rows}</Table></PlainCard> }.into_any()
}

/// Replays events.
#[server(prefix = "/do", endpoint = "event/replay")]
pub async fn do_replay(
    /// The program.
    #[server(default)]
    program: String,
    /// Which events: the query of the page before.
    #[server(default)]
    query: String,
) -> Result<(), ServerFnError> {
    let parameters = Parameters::parse(&query);
    let program: Access<ProgramId> = program.parse().map_err(|_| Refusal::NotFound);
    let back = match &program {
        Ok(program) => parameters.clone().only(&EVENT_FILTERS).on(&routes::program(program).events()),
        Err(_) => routes::PROGRAMS.to_owned(),
    };
    finish(Submission::new(DoReplay::PATH, back), async {
        let program = program?;
        let (engine, actor) = (engine(), merchant().await?);
        let found = engine::programs::get(&engine, &actor, &program).await?;
        let what = What::read(&parameters, &found.time_zone, engine.now())?;
        let replay = what.run(&engine, &actor, &program, false).await?;
        let events = plural(replay.events.len() as i64, "event", "events");
        let text = if replay.difference.is_empty() {
            format!("{events} replayed. No commissions changed.")
        } else {
            format!("{events} replayed: {}.", in_words(&replay.difference))
        };
        Ok(Redirect::to(what.back(&program, &parameters)).with_flash(Flash::done(text)))
    })
    .await
}
