//! The sums that pages read, and the check that finds a wrong one.

use domain::clock::HOUR_MS;
use store::conversions::{Conversion, Sums};
use store::db::Conn;

use crate::fixture::{Fixture, NOW, put_affiliate};
use crate::money::convert;

fn sums_of(conversion: &Conversion, sign: i64) -> Sums {
    Sums {
        conversions: sign,
        first_payments: sign,
        revenue: sign * conversion.amount,
        refunded: sign * (conversion.refunded + conversion.disputed),
        commission: sign * (conversion.commission - conversion.reversed),
    }
}

async fn add(conn: &mut Conn, conversion: &Conversion, sign: i64) {
    let sums = sums_of(conversion, sign);
    store::conversions::add_to_sums(conn, conversion, conversion.currency, &sums).await.unwrap();
}

#[tokio::test]
async fn sums_are_added_and_taken_off() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    let one = convert(&fixture, &mut conn, "pi_1", NOW).await;
    let two = convert(&fixture, &mut conn, "pi_2", NOW.plus_ms(HOUR_MS)).await;
    add(&mut conn, &one, 1).await;
    add(&mut conn, &two, 1).await;
    let hours = store::reports::conversion_hours(&mut conn, &fixture.program, 0, i64::MAX).await.unwrap();
    let seen: Vec<_> = hours.iter().map(|h| (h.hour - NOW.utc_hour(), h.conversions, h.revenue)).collect();
    assert_eq!(seen, [(0, 1, 4_900), (1, 1, 4_900)]);
    let (noah, _) = put_affiliate(&mut conn, &fixture.random, &fixture.program, "noah").await;
    let (days, usd) = ((NOW.utc_day(), NOW.utc_day() + 1), "usd".parse().unwrap());
    let top = store::reports::top_affiliates(&mut conn, &fixture.program, days, usd, 9).await.unwrap();
    assert_eq!(
        top.iter().map(|s| (s.conversions, s.revenue, s.commission)).collect::<Vec<_>>(),
        [(2, 9_800, 1_960)]
    );
    let none =
        store::reports::of_affiliate(&mut conn, &fixture.program, &noah, days, usd).await.unwrap().unwrap();
    assert_eq!((none.name.as_str(), none.clicks, none.revenue), ("noah", 0, 0));
    let eur = "eur".parse().unwrap();
    let mira = store::reports::of_affiliate(&mut conn, &fixture.program, &fixture.affiliate, days, eur).await;
    assert_eq!(mira.unwrap().unwrap().revenue, 0);
    assert_eq!(store::reports::wrong_sums(&mut conn, 0).await.unwrap(), Vec::<String>::new());
}

#[tokio::test]
async fn a_wrong_or_missing_sum_is_found() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    let one = convert(&fixture, &mut conn, "pi_1", NOW).await;
    let (hour, day) = (NOW.utc_hour(), NOW.utc_day());
    let program = &fixture.program;
    let both = [
        format!("conversions of {program} in hour {hour}"),
        format!("conversions of {program} in day {day}"),
    ];
    assert_eq!(store::reports::wrong_sums(&mut conn, 0).await.unwrap(), both, "nothing was added");
    add(&mut conn, &one, 1).await;
    assert!(store::reports::wrong_sums(&mut conn, 0).await.unwrap().is_empty());
    for wrong in [
        Sums { commission: 1, ..Sums::default() },
        Sums { refunded: 1, ..Sums::default() },
        Sums { revenue: 1, ..Sums::default() },
        Sums { first_payments: 1, ..Sums::default() },
        Sums { conversions: 1, ..Sums::default() },
    ] {
        store::conversions::add_to_sums(&mut conn, &one, one.currency, &wrong).await.unwrap();
        assert_eq!(store::reports::wrong_sums(&mut conn, 0).await.unwrap(), both, "{wrong:?}");
        let back = Sums {
            conversions: -wrong.conversions,
            first_payments: -wrong.first_payments,
            revenue: -wrong.revenue,
            refunded: -wrong.refunded,
            commission: -wrong.commission,
        };
        store::conversions::add_to_sums(&mut conn, &one, one.currency, &back).await.unwrap();
    }
    assert!(store::reports::wrong_sums(&mut conn, 0).await.unwrap().is_empty());
    conn.run("UPDATE click_days SET clicks = clicks + 1", &[]).await.unwrap();
    drop(conn);
    store::clicks::put_all(&fixture.db.db, &[fixture.click(NOW, false)]).await.unwrap();
    let mut conn = fixture.conn().await;
    conn.run("UPDATE click_days SET bots = bots + 1", &[]).await.unwrap();
    conn.run("DELETE FROM click_hours", &[]).await.unwrap();
    let wrong = [format!("clicks of {program} in hour {hour}"), format!("clicks of {program} in day {day}")];
    assert_eq!(store::reports::wrong_sums(&mut conn, 0).await.unwrap(), wrong);
}
