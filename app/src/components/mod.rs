//! What pages are made of: small synchronous components that take view models.

mod account;
mod affiliate;
pub mod assets;
mod badge;
mod calendar;
mod card;
mod chart;
mod copy;
mod explanation;
mod facts;
mod fields;
mod figures;
mod funnel;
mod health;
mod icon;
mod navigation;
mod notice;
mod overview;
mod page_head;
pub mod periods;
mod progress;
mod public;
mod qr;
mod reward_fields;
mod rewards;
mod search;
mod shell;
mod site;
mod table;
mod terms_fields;
mod time;
mod upload;

#[cfg(test)]
mod tests;

pub use account::{AccountMenu, AccountView};
pub use affiliate::{Goal, LinkCard, RewardHead};
pub use badge::{Badge, State, Status, TestBadge, Tone};
pub use calendar::{Calendar, CalendarDay};
pub use card::{Card, CardBody, Columns, DangerCard, EmptyState, PlainCard};
pub use chart::{Chart, ChartPoint, ChartUnit, ChartView};
pub use copy::{CodeBlock, CopyField};
pub use explanation::{CheckItem, Checks, Happening, Receipt, ReceiptLine, Timeline, Verdict};
pub use facts::{Fact, Facts};
pub use fields::{
    Checkbox, Choice, ChoiceField, EmailField, ErrorSummary, FormActions, MoneyField, NumberField,
    NumberKind, PasswordField, SelectField, TextArea, TextField, TextKind, Width, field_id,
};
pub use figures::{Figure, Figures, Sparkline};
pub use funnel::{Funnel, FunnelStep};
pub use health::{HealthItem, HealthList, MethodCard, MethodCards, Report, ReportStep};
pub use icon::{Avatar, Brand, Cell, CellIcon, Icon, ProgramLogo};
pub use navigation::{FactChips, Filter, Filters, Pager, Segment, Segments, Tab, Tabs};
pub use notice::{Flashes, Notice};
pub use overview::{Feed, FeedItem, Onboarding, OnboardingView, Task, Tasks};
pub use page_head::PageHead;
pub use progress::{Progress, ProgressCells};
pub use public::{OfferHero, PlainText, PublicFrame, PublicShell, Ramp, Steps};
pub use qr::{Qr, QrImage};
pub use reward_fields::{EditButton, RewardFields, RewardHeading};
pub use rewards::{RewardList, RewardNumber, RewardView, Stair, StairStep};
pub use search::{Hit, HitList, SearchBox};
pub use shell::{
    Breadcrumbs, Crumb, Frame, MerchantShell, NavGroup, NavItem, ProgramChoice, SkipLink, TestBar, TestNote,
};
pub use site::{CenteredShell, SiteFrame, SiteShell};
pub use table::{Column, Order, Table, TableStyle};
pub use terms_fields::TermsFields;
pub use time::Time;
pub use upload::UploadForm;
