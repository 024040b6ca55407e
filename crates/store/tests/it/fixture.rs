//! A database with one of each that other rows point at.

use domain::affiliates::AffiliateStatus;
use domain::attribution::{EvaluatedPayment, EvaluatedStatus, PaymentKind};
use domain::clicks::{ClickToken, Device};
use domain::clock::{Random, Timestamp};
use domain::ids::{
    AccountId, AffiliateId, ConnectionId, CustomerId, LinkId, MerchantId, PaymentId, ProgramId, TermsId,
};
use domain::programs::{ProgramDraft, ProgramStatus};
use domain::terms::{Terms, TermsVersion};
use store::accounts::Account;
use store::affiliates::Affiliate;
use store::clicks::NewClick;
use store::connections::Connection;
use store::customers::NewState;
use store::db::Conn;
use store::links::Link;
use store::payments::Payment;
use store::testing::TestDb;

/// 2 March 2026, 9:00 in UTC.
pub const NOW: Timestamp = Timestamp::from_seconds(1_772_442_000);

/// One company with one program and one affiliate.
pub struct Fixture {
    pub db: TestDb,
    pub random: Random,
    pub account: AccountId,
    pub merchant: MerchantId,
    pub program: ProgramId,
    pub terms: TermsId,
    pub affiliate: AffiliateId,
    pub link: LinkId,
    pub connection: ConnectionId,
}

pub fn draft(name: &str) -> ProgramDraft {
    let website = "https://lumen.example".parse().unwrap();
    ProgramDraft::new(name.parse().unwrap(), website, "usd".parse().unwrap())
}

pub fn account(random: &Random, email: &str) -> Account {
    Account {
        id: AccountId::new(NOW, random),
        email: email.parse().unwrap(),
        name: "Olga".to_owned(),
        password_hash: None,
    }
}

impl Fixture {
    pub async fn new() -> Self {
        let db = TestDb::new().await;
        let random = Random::seeded(4);
        let mut tx = db.db.begin().await.unwrap();
        let owner = account(&random, "olga@lumen.example");
        assert!(store::accounts::put(&mut tx, &owner, NOW).await.unwrap());
        let merchant = MerchantId::new(NOW, &random);
        store::merchants::put(&mut tx, &merchant, "Lumen", &owner.id, NOW).await.unwrap();
        let program = put_program(&mut tx, &random, &merchant, "lumen").await;
        let terms = TermsVersion {
            id: TermsId::new(NOW, &random),
            program_id: program.clone(),
            version: 1,
            terms: Terms::default(),
            starts_at: NOW,
        };
        store::terms::put(&mut tx, &terms, Some(&owner.id), NOW).await.unwrap();
        let (affiliate, link) = put_affiliate(&mut tx, &random, &program, "mira").await;
        let connection = connection(&random, &program, "token_1");
        store::connections::put(&mut tx, &connection).await.unwrap();
        tx.commit().await.unwrap();
        Self {
            db,
            account: owner.id,
            merchant,
            program,
            terms: terms.id,
            affiliate,
            link,
            connection: connection.id,
            random,
        }
    }

    /// A connection that can write.
    pub async fn conn(&self) -> Conn {
        self.db.db.write().await.unwrap()
    }

    pub fn click(&self, at: Timestamp, bot: bool) -> NewClick {
        NewClick {
            referrer_host: Some("blog.example".to_owned()),
            device: Device::Mobile,
            bot,
            ..NewClick::plain(
                ClickToken::new(at, &self.random),
                &self.program,
                (&self.affiliate, &self.link),
                at,
                "https://lumen.example/?a=\"'ü\\",
            )
        }
    }

    pub async fn customer(&self, conn: &mut Conn) -> CustomerId {
        let id = CustomerId::new(NOW, &self.random);
        let new = NewState::unknown(&id, &self.connection, &self.program);
        assert_eq!(store::customers::save(conn, &[new], NOW).await.unwrap(), 1);
        id
    }

    pub async fn payment(
        &self,
        conn: &mut Conn,
        customer: &CustomerId,
        evaluated: &EvaluatedPayment,
    ) -> PaymentId {
        let id = PaymentId::new(NOW, &self.random);
        let owner = (&self.program, &self.connection, customer);
        store::payments::save(conn, [&Payment::new(&id, owner, evaluated)], NOW).await.unwrap();
        id
    }
}

pub async fn put_program(conn: &mut Conn, random: &Random, merchant: &MerchantId, slug: &str) -> ProgramId {
    let id = ProgramId::new(NOW, random);
    assert!(store::programs::put(conn, &id, merchant, slug, &draft(slug), NOW).await.unwrap());
    store::programs::set_status(conn, &id, ProgramStatus::Active, None, NOW).await.unwrap();
    id
}

pub async fn put_affiliate(
    conn: &mut Conn,
    random: &Random,
    program: &ProgramId,
    name: &str,
) -> (AffiliateId, LinkId) {
    let affiliate = Affiliate {
        id: AffiliateId::new(NOW, random),
        program_id: program.clone(),
        account_id: None,
        name: name.to_owned(),
        email: format!("{name}@affiliates.example").parse().unwrap(),
        status: AffiliateStatus::Active,
        status_reason: None,
        created_at: NOW,
    };
    assert!(store::affiliates::put(conn, &affiliate).await.unwrap());
    let link = link(random, &affiliate, name);
    assert!(store::links::put(conn, &link).await.unwrap());
    (affiliate.id, link.id)
}

pub fn link(random: &Random, affiliate: &Affiliate, code: &str) -> Link {
    Link {
        id: LinkId::new(NOW, random),
        program_id: affiliate.program_id.clone(),
        affiliate_id: affiliate.id.clone(),
        code: code.parse().unwrap(),
        destination_url: "https://lumen.example/".to_owned(),
        placement: None,
        created_at: NOW,
        archived_at: None,
    }
}

pub fn connection(random: &Random, program: &ProgramId, token: &str) -> Connection {
    Connection::manual(ConnectionId::new(NOW, random), program, token, NOW)
}

/// A payment of 49.00 without an affiliate.
pub fn evaluated(stripe_id: &str) -> EvaluatedPayment {
    EvaluatedPayment {
        kind: PaymentKind::PaymentIntent,
        canonical_id: stripe_id.to_owned(),
        aliases: [stripe_id.to_owned()].into(),
        status: EvaluatedStatus::Paid,
        currency: Some("usd".parse().unwrap()),
        gross: 4_900,
        base: 4_900,
        captured: 4_900,
        refunded: 0,
        disputed: 0,
        dispute_open: false,
        alert: None,
        outside_stripe: false,
        paid_at: NOW,
        ordered_at: NOW,
        completed_at: None,
        evidence_until: NOW,
        period_start: None,
        latest_period_start: None,
        subscription: None,
        billing_reason: None,
        label: Some("Atlas".to_owned()),
        items: Vec::new(),
        country: None,
        email: Some("ann@buyers.example".parse().unwrap()),
        payment_number: 1,
        checks: Vec::new(),
        credit: None,
        no_commission: None,
    }
}
