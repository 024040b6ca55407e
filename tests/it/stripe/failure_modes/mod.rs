//! The list of what goes wrong between a program and Stripe. For each line: what the
//! merchant sees, and that what was sold meanwhile is there in the end, once.
//!
//! The modules beside this one look closer at single lines: at the report, the ledger and
//! what Stripe was asked.

mod connected;
mod connecting;
mod seen;

use axum::http::StatusCode;
use domain::clock::MINUTE_MS;
use engine::ledger::payments;
use engine::stripe::connections;
use engine::worker;
use sandbox::Stripe;
use scraper::{Html, Selector};

use super::stripe_site::{NEEDED, StripeSite};

/// How a program is connected.
#[derive(Debug, Clone, Copy)]
enum By {
    OAuth,
    Key,
}

impl StripeSite {
    /// Connected, nearly an hour ago: a check is not due yet, not even of a connection in
    /// trouble.
    async fn connected(by: By) -> (Self, String) {
        let stripe_site = Self::new().await;
        let key = stripe_site.account.create_restricted_key(&NEEDED);
        match by {
            By::OAuth => stripe_site.connect(&stripe_site.browser().await).await,
            By::Key => stripe_site.connect_with(&key).await,
        }
        worker::drain(&stripe_site.site.engine).await.unwrap();
        stripe_site.site.advance(50 * MINUTE_MS);
        (stripe_site, key)
    }

    async fn connect_with(&self, key: &str) {
        let (engine, actor) = (&self.site.engine, &self.merchant.actor);
        connections::connect_with_key(engine, actor, &self.merchant.program.id, key).await.unwrap();
    }

    /// Whose endpoint brings the events.
    fn holder(&self, by: By) -> &Stripe {
        match by {
            By::OAuth => &self.platform,
            By::Key => &self.account,
        }
    }

    fn our_endpoint(&self, by: By) -> String {
        self.holder(by).endpoints()[0].id.clone()
    }

    /// Somebody buys, and what of it can be delivered is delivered.
    async fn sell_meanwhile(&mut self) -> String {
        let account = self.account.clone();
        let charge = self.sell(&account);
        self.deliver(&account).await;
        charge
    }

    /// Presses Repair Webhooks, and gives the page with the report.
    async fn repair(&self) -> String {
        let (stop, stopped) = tokio::sync::watch::channel(false);
        let worker = tokio::spawn(worker::work(self.site.engine.clone(), stopped));
        let browser = self.browser().await;
        let program = self.merchant.program.id.to_string();
        let answer = browser.post("/do/stripe/repair", &[("program", &program)]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        let page = loop {
            let page = words_of(&browser.get(&self.settings()).await.body);
            if !page.contains("Repair in progress.") {
                break page;
            }
            tokio::task::yield_now().await;
        };
        stop.send(true).unwrap();
        worker.await.unwrap();
        worker::drain(&self.site.engine).await.unwrap();
        page
    }

    /// Connects by OAuth, and finds all that was sold, each sale once.
    async fn connects_in_the_end(&mut self, sold: &[String]) {
        self.platform.clear_faults();
        self.connect(&self.browser().await).await;
        self.has_all(sold).await;
    }

    /// Everything that was sold is there, once; the next sale arrives by itself.
    async fn has_all(&mut self, sold: &[String]) {
        worker::drain(&self.site.engine).await.unwrap();
        let next = self.sell_meanwhile().await;
        for charge in sold.iter().chain([&next]) {
            assert!(self.knows(charge).await, "{charge} is lost");
        }
        let (engine, actor) = (&self.site.engine, &self.merchant.actor);
        let program = &self.merchant.program.id;
        let payments =
            payments::list(engine, actor, program, payments::PaymentFilter::All, None, 100).await.unwrap();
        assert_eq!(payments.len(), sold.len() + 1, "each sale is one payment");
    }
}

/// What stands on a page, without its frame.
fn words_of(page: &str) -> String {
    let main = Selector::parse("main").unwrap();
    let page = Html::parse_document(page);
    let main = page.select(&main).next().expect("a page has a main part");
    main.text().flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}
