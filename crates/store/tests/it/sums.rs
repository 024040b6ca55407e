//! The sums that pages read, and the check that finds a wrong one.

use domain::clock::{HOUR_MS, MINUTE_MS};
use store::conversions::Conversion;
use store::db::Conn;
use store::sums::conversions::{of_affiliates, of_all_time, replace, series, top};
use store::sums::{Amounts, Cut, check};

use crate::fixture::{Fixture, NOW, put_affiliate};
use crate::money::convert;

/// What the check finds in the fixture's program.
pub async fn wrong_sums(fixture: &Fixture, conn: &mut Conn) -> Vec<String> {
    let mut wrong = check::affiliate(conn, &fixture.affiliate, 0).await.unwrap();
    wrong.extend(check::program(conn, &fixture.program).await.unwrap());
    wrong
}

#[tokio::test]
async fn sums_are_added_and_subtracted() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    let (usd, eur) = ("usd".parse().unwrap(), "eur".parse().unwrap());
    let one = convert(&fixture, &mut conn, "pi_1", NOW).await;
    let two =
        Conversion { currency: eur, ..convert(&fixture, &mut conn, "pi_2", NOW.plus_ms(HOUR_MS)).await };
    store::conversions::save(&mut conn, [&two], NOW).await.unwrap();
    replace(&mut conn, None, Some(&one)).await.unwrap();
    replace(&mut conn, None, Some(&two)).await.unwrap();
    let cuts = [Cut::BEGINNING, Cut::at(NOW), Cut::at(NOW.plus_ms(HOUR_MS)), Cut::END];
    let hours = series(&mut conn, &fixture.program, &cuts).await.unwrap();
    assert_eq!(hours.iter().map(|totals| totals.conversions).collect::<Vec<_>>(), [0, 1, 1]);
    assert_eq!(hours[1].in_currency(usd), Amounts { revenue: 4_900, refunded: 0, commission: 980 });
    assert_eq!(hours[2].in_currency(usd), Amounts { revenue: 0, refunded: 0, commission: 980 });
    assert_eq!(hours[2].in_currency(eur), Amounts { revenue: 4_900, refunded: 0, commission: 0 });
    let (noah, _) = put_affiliate(&mut conn, &fixture.random, &fixture.program, "noah").await;
    let since = Cut::at(NOW.plus_ms(15 * MINUTE_MS));
    assert_eq!(
        top(&mut conn, &fixture.program, since, eur, 9).await.unwrap(),
        std::slice::from_ref(&fixture.affiliate)
    );
    let both = [fixture.affiliate.clone(), noah];
    let sums = of_affiliates(&mut conn, &both, since, Cut::END).await.unwrap();
    assert_eq!(sums.into_iter().collect::<Vec<_>>(), [(fixture.affiliate.clone(), hours[2].clone())]);
    assert_eq!(wrong_sums(&fixture, &mut conn).await, Vec::<String>::new());

    let refunded = Conversion { refunded: 4_900, reversed: 980, ..one.clone() };
    store::conversions::save(&mut conn, [&refunded], NOW).await.unwrap();
    replace(&mut conn, Some(&one), Some(&refunded)).await.unwrap();
    let canceled = Conversion { canceled: true, ..two.clone() };
    store::conversions::save(&mut conn, [&canceled], NOW).await.unwrap();
    replace(&mut conn, Some(&two), Some(&canceled)).await.unwrap();
    let all = of_all_time(&mut conn, fixture.program.as_str()).await.unwrap();
    assert_eq!((all.conversions, all.money.len()), (1, 1));
    assert_eq!(all.in_currency(usd), Amounts { revenue: 4_900, refunded: 4_900, commission: 0 });
    assert_eq!(wrong_sums(&fixture, &mut conn).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_wrong_or_missing_sum_is_found() {
    let fixture = Fixture::new().await;
    let mut conn = fixture.conn().await;
    let one = convert(&fixture, &mut conn, "pi_1", NOW).await;
    assert!(!wrong_sums(&fixture, &mut conn).await.is_empty(), "nothing was added");
    replace(&mut conn, None, Some(&one)).await.unwrap();
    drop(conn);
    store::clicks::put_all(&fixture.db.db, &[fixture.click(NOW, false)]).await.unwrap();
    let mut conn = fixture.conn().await;
    assert_eq!(wrong_sums(&fixture, &mut conn).await, Vec::<String>::new());
    let (owner, affiliate) = (fixture.program.as_str(), fixture.affiliate.as_str());
    for (wrong, back) in [
        (
            "UPDATE conversion_sums SET commission = commission + 1 WHERE owner_id = $1 AND size = $2",
            "UPDATE conversion_sums SET commission = commission - 1 WHERE owner_id = $1 AND size = $2",
        ),
        (
            "UPDATE conversion_sums SET first_payments = 7 WHERE owner_id = $1 AND size = $2",
            "UPDATE conversion_sums SET first_payments = 1 WHERE owner_id = $1 AND size = $2",
        ),
        (
            "UPDATE click_sums SET part = part + 1 WHERE owner_id = $1 AND size = $2",
            "UPDATE click_sums SET part = part - 1 WHERE owner_id = $1 AND size = $2",
        ),
    ] {
        for (owner, sizes) in [(owner, &[1, 4, 96][..]), (affiliate, &[1, 96])] {
            for size in sizes {
                conn.run(wrong, &[owner.into(), (*size).into()]).await.unwrap();
                assert!(!wrong_sums(&fixture, &mut conn).await.is_empty(), "{wrong} {owner} {size}");
                conn.run(back, &[owner.into(), (*size).into()]).await.unwrap();
                assert_eq!(wrong_sums(&fixture, &mut conn).await, Vec::<String>::new());
            }
        }
    }
    conn.run("UPDATE click_sums SET clicks = 5 WHERE size = 0", &[]).await.unwrap();
    assert_eq!(wrong_sums(&fixture, &mut conn).await, [format!("clicks of {affiliate} of all time")]);
}
