//! The log of Stripe's events, and what each did.

use domain::deliveries::{EventSource, RejectionReason};
use domain::events::EventStatus;
use engine::ledger::reports::Period;
use engine::stripe::connections::Status as Connection;
use engine::stripe::events::{Filter as Narrowing, InboxEvent};
use leptos::prelude::*;

use crate::components::periods::spoken;
use crate::components::*;
use crate::forms::Field;
use crate::layout::{ProgramPage, Section};
use crate::pages::page;
use crate::presenters::labels::{event_source, event_state};
use crate::presenters::reasons::outcome_sentence;
use crate::presenters::rejection;
use crate::presenters::tables::RowFormat;
use crate::request::queries::{self, EVENT_FILTERS, Parameters, cursor};
use crate::routes;
use crate::text::{count, relative, short_id};

const ROWS: i64 = 50;

/// A program's received events.
#[component]
pub fn Events() -> impl IntoView {
    page(async {
        let page = ProgramPage::load().await?;
        page.title("Events", false);
        let parameters = Parameters::of_request();
        let filter = queries::events(&parameters, &page.program.time_zone, page.now);
        let before = parameters.place("before");
        let paged = before.is_some();
        let (engine, actor, program) = (&page.engine, &page.actor, &page.program.id);
        let connection = engine::stripe::connections::status(engine, actor, program).await?;
        let mut rows =
            engine::stripe::events::list(engine, actor, program, &filter, before, ROWS + 1).await?;
        let more = rows.len() > ROWS as usize;
        rows.truncate(ROWS as usize);
        let path = page.routes().events();
        let kept = parameters.only(&EVENT_FILTERS);
        let narrowed = filter != Narrowing::default();
        let older = rows
            .last()
            .filter(|_| more)
            .map(|last| kept.clone().with("before", &cursor(last.received_at, last.id.as_str())).on(&path));
        let newer = paged.then(|| kept.on(&path));
        let any = !rows.is_empty();
        let content = match (rows.is_empty(), narrowed || paged) {
            (true, false) => first_use(&page, &connection),
            (true, true) => no_match(&path, &kept),
            (false, _) => table(rows, &RowFormat::of(&page), newer, older),
        };
        let figures = connection.connection.is_some().then(|| {
            view! { <Figures label="Connection" items=figures(&page, &connection)/> }
        });
        let narrow = figures.is_some().then(|| narrow(&page, &kept, &path));
        let lead = format!("Every event Stripe sent, and its result. Times in {}.", page.zone.place());
        let here = kept.on(&path);
        let replay = any.then(|| {
            let href = kept.on(&page.routes().replay());
            view! { <a class="button" href=href>"Replay…"</a> }
        });
        let rejected = page.routes().rejected_deliveries();
        let actions = view! {
            <a class="button quiet" href=rejected>"Rejected deliveries"</a>
            <a class="button" href=here><Icon name="refresh"/>"Refresh"</a>
            {replay}
        };
        Ok(view! {
            <MerchantShell frame=page.frame(Section::Events) crumbs=page.crumbs(&[], "Events")>
                <PageHead title="Events" lead actions=actions.into_any()/>
                {figures}
                <section class="stack tight" aria-label="Events">{narrow}{content}</section>
            </MerchantShell>
        }
        .into_any())
    })
}

fn figures(page: &ProgramPage, status: &Connection) -> Vec<Figure> {
    let Some(connection) = &status.connection else { return Vec::new() };
    let state = match status.is_connected() {
        false => State::DISCONNECTED,
        true if connection.problem.is_some() || status.rejected_signatures().is_current => {
            State::NEEDS_ATTENTION
        }
        true => State::CONNECTED,
    };
    let mode = match connection.livemode {
        Some(true) => "Live",
        Some(false) => "Test data",
        None => "Live or test: known after the first event",
    };
    let last = match connection.last_event() {
        Some(at) => format!(", last event {}", relative(at, page.now)),
        None => ", no event yet".to_owned(),
    };
    let day = |wanted: Option<EventStatus>| {
        let counts =
            status.last_day.iter().filter(|(status, _)| wanted.is_none_or(|wanted| wanted == *status));
        counts.map(|(_, number)| number).sum::<i64>()
    };
    let (waiting, oldest) = status.waiting;
    let oldest = match oldest {
        Some(at) => format!("Oldest received {}", relative(at, page.now)),
        None => "None waiting".to_owned(),
    };
    let rejected = status.rejected_signatures();
    let last_rejected = match rejected.last {
        Some((at, error)) => {
            let why = rejection::title(RejectionReason::Signature(error)).to_lowercase();
            format!("Last one {}: {why}", relative(at, page.now))
        }
        None => "No rejected deliveries".to_owned(),
    };
    vec![
        Figure::new("Connection", state.word).state(state).detail(format!("{mode}{last}")),
        Figure::new("Received in 24 h", count(day(None))).detail(format!(
            "{} processed, {} failed",
            count(day(Some(EventStatus::Processed))),
            count(day(Some(EventStatus::Failed)))
        )),
        Figure::new("Waiting", count(waiting)).detail(oldest),
        Figure::new("Signature failures", count(rejected.deliveries)).detail(last_rejected),
    ]
}

/// The statuses as tabs, everything else as filters.
fn narrow(page: &ProgramPage, kept: &Parameters, path: &str) -> AnyView {
    let others = kept.clone().without(&["status"]);
    let current = kept.get("status");
    let mut items = vec![Segment {
        label: "All".to_owned(),
        href: others.on(path),
        current: current.is_none(),
        ..Segment::default()
    }];
    items.extend(EventStatus::ALL.map(|status| Segment {
        label: event_state(status).word.to_owned(),
        href: others.clone().with("status", status.word()).on(path),
        current: current == Some(status.word()),
        ..Segment::default()
    }));
    let export = kept.on(&page.routes().events_csv());
    view! {
        <div class="page-head">
            <Segments label="Status" items/>
            <a class="button" href=export><Icon name="download"/>"Export CSV"</a>
        </div>
        {filters(kept, path)}
    }
    .into_any()
}

fn filters(kept: &Parameters, path: &str) -> AnyView {
    let name = |parameter: &str| match parameter {
        "type" => "Type",
        "outcome" => "Outcome",
        "source" => "Source",
        "mode" => "Mode",
        "period" => "Period",
        _ => "Stripe ID",
    };
    let chips = kept.pairs().iter().filter(|(parameter, _)| parameter != "status");
    let chips: Vec<Filter> = chips
        .map(|(parameter, value)| Filter {
            name: name(parameter).to_owned(),
            value: spoken_filter(parameter, value),
            remove: kept.clone().without(&[parameter]).on(path),
        })
        .collect();
    let field = |name: &str| Field::with_value(name, kept.get(name).unwrap_or_default());
    let any = || Choice::plain("", "Any");
    let mut types = vec![any()];
    let (core, rest) = engine::stripe::connections::event_types();
    types.extend(core.iter().copied().chain(rest).map(|kind| Choice::plain(kind, kind)));
    if let Some(kind) = kept.get("type").filter(|kind| types.iter().all(|choice| choice.value != *kind)) {
        types.push(Choice::plain(kind, kind));
    }
    let mut sources = vec![any()];
    sources.extend(EventSource::ALL.map(|source| Choice::plain(source.word(), event_source(source))));
    let modes = vec![any(), Choice::plain("live", "Live"), Choice::plain("test", "Test")];
    let mut periods = vec![Choice::plain("", "All time")];
    periods
        .extend(Period::ALL.map(|period| Choice::plain(period.word(), format!("Last {}", spoken(period)))));
    let (kind, source, mode, period, id) =
        (field("type"), field("source"), field("mode"), field("period"), field("id"));
    let status = kept.clone().only(&["status"]);
    let (clear, keep) = (status.on(path), kept.clone().only(&["status", "outcome"]).pairs().to_vec());
    view! {
        <Filters filters=chips clear action=path.to_owned() keep>
            <TextField field=id label="Stripe ID" hint="The ID of an event, payment or customer" kind=TextKind::Code/>
            <SelectField field=kind label="Type" choices=types/>
            <SelectField field=source label="Source" choices=sources/>
            <SelectField field=mode label="Mode" choices=modes/>
            <SelectField field=period label="Received" choices=periods/>
        </Filters>
    }
    .into_any()
}

/// A filter's value as people say it.
fn spoken_filter(parameter: &str, value: &str) -> String {
    match (parameter, value) {
        ("source", word) => EventSource::from_word(word)
            .map_or_else(|| word.to_owned(), |source| event_source(source).to_owned()),
        ("mode", "live") => "Live".to_owned(),
        ("mode", "test") => "Test".to_owned(),
        ("period", word) => format!("Last {}", spoken(Period::from_word(word))),
        (_, value) => value.to_owned(),
    }
}

fn table(rows: Vec<InboxEvent>, format: &RowFormat, newer: Option<String>, older: Option<String>) -> AnyView {
    let columns = vec![
        Column::text("Event"),
        Column::text("Status"),
        Column::text("Result"),
        Column::text("About"),
        Column::number("Received"),
    ];
    let rows = rows.into_iter().map(|event| row(event, format)).collect_view();
    view! {
        <PlainCard>
            <Table caption="Events, newest first" columns style=TableStyle::WIDE>{rows}</Table>
            <Pager newer older note=format!("Newest first, {ROWS} per page")/>
        </PlainCard>
    }
    .into_any()
}

fn row(event: InboxEvent, format: &RowFormat) -> impl IntoView + use<> {
    let href = routes::program(&format.program).event(&event.id);
    let about = event.object_id.map(|id| view! { <span class="key" title=id.clone()>{short_id(&id)}</span> });
    let text = event.outcome.as_ref().map(|outcome| outcome_sentence(outcome, &format.zone));
    let text = text.unwrap_or_else(|| "Being processed".to_owned());
    let source = event_source(event.source).to_lowercase();
    let mode = match event.livemode {
        Some(true) => "live",
        Some(false) => "test",
        None => "unknown mode",
    };
    let tries = (event.attempts > 1).then(|| format!(" · {} attempts", event.attempts));
    let copied = format!("id-{}", event.id);
    view! {
        <tr>
            <th scope="row">
                <a class="key" href=href>{breakable(&event.event_type)}</a>
                <small class="copy-line">
                    <span class="mono" id=copied.clone() title=event.event_id.clone() data-value=event.event_id.clone()>{short_id(&event.event_id)}</span>
                    <button class="button quiet small" type="button" data-copy=copied aria-label="Copy event ID"><Icon name="copy"/></button>
                </small>
            </th>
            <td class="nowrap"><Badge state=event_state(event.status)/></td>
            <td class="full">{text}</td>
            <td data-label="About">{about}<span class="sub">{format!("{mode} · {source}")}{tries}</span></td>
            <td class="num" data-label="Received"><Time at=format.zone.recent(event.received_at, format.now)/></td>
        </tr>
    }
}

/// A type of events, which may break after its dots and underscores where it is narrow.
fn breakable(kind: &str) -> AnyView {
    let parts = kind.split_inclusive(['.', '_']).map(|part| view! { {part.to_owned()}<wbr/> });
    parts.collect_view().into_any()
}

fn first_use(page: &ProgramPage, status: &Connection) -> AnyView {
    let text = if status.is_connected() {
        "The endpoint is ready. Events appear here as soon as Stripe sends them, each with its result."
    } else {
        "Once Stripe is connected, its events appear here, each with its result or why it was ignored."
    };
    let button = if status.is_connected() { "See the endpoint" } else { "Connect Stripe" };
    let actions = view! { <a class="button primary" href=page.routes().settings().stripe()>{button}</a> };
    view! {
        <PlainCard><EmptyState title="No events yet" text first_use=true actions=actions.into_any()/></PlainCard>
    }
    .into_any()
}

fn no_match(path: &str, kept: &Parameters) -> AnyView {
    let (title, text) = match kept.get("status").and_then(EventStatus::from_word) {
        Some(EventStatus::Failed) => {
            ("No failed events", "Events that could not be processed are listed here.")
        }
        Some(EventStatus::Received) => ("No events waiting", "Events are processed within seconds."),
        _ => ("No events match", "No events match these filters."),
    };
    let actions = view! { <a class="button primary" href=path.to_owned()>"All events"</a> };
    view! {
        <PlainCard>
            <EmptyState title text actions=actions.into_any()/>
        </PlainCard>
    }
    .into_any()
}
