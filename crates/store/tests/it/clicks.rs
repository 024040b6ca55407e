//! Clicks and leads in the database.

use domain::clicks::ClickToken;
use domain::clock::HOUR_MS;
use store::db::AFTER_ALL_IDS;
use store::sums::Cut;

use crate::fixture::{Fixture, NOW, put_affiliate, put_program};
use crate::sums::wrong_sums;

#[tokio::test]
async fn clicks_come_back_as_they_were_and_are_counted() {
    let fixture = Fixture::new().await;
    let clicks =
        [fixture.click(NOW, false), fixture.click(NOW.plus_ms(HOUR_MS), true), fixture.click(NOW, false)];
    store::clicks::put_all(&fixture.db.db, &clicks).await.unwrap();
    let mut conn = fixture.conn().await;
    let click = store::clicks::get(&mut conn, &fixture.program, &clicks[0].token).await.unwrap().unwrap();
    assert_eq!(
        (click.landing_url.as_str(), click.utm_source.as_deref()),
        ("https://lumen.example/?a=\"'ü\\", None)
    );
    assert_eq!((click.device.as_str(), click.bot, click.link_code.as_str()), ("mobile", false, "mira"));
    let seen = store::clicks::seen(&mut conn, [&clicks[1].token]).await.unwrap().remove(0).1;
    assert_eq!((seen.at, seen.affiliate_id), (NOW.plus_ms(HOUR_MS), fixture.affiliate.clone()));
    assert_eq!(seen.link_id, fixture.link);
    let unknown = ClickToken::new(NOW, &fixture.random);
    assert!(store::clicks::seen(&mut conn, [&unknown]).await.unwrap().is_empty());
    let cuts = [Cut::at(NOW), Cut::at(NOW.plus_ms(HOUR_MS)), Cut::END];
    let hours = store::sums::clicks::series(&mut conn, &fixture.program, &cuts).await.unwrap();
    assert_eq!(hours, [2, 0], "the click of a bot does not count");
    let all = std::slice::from_ref(&fixture.affiliate);
    let clicks = store::sums::clicks::of_all_time(&mut conn, all).await.unwrap();
    assert_eq!(clicks[&fixture.affiliate], 2);
    assert_eq!(wrong_sums(&fixture, &mut conn).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_page_of_clicks_is_newest_first_and_the_owners() {
    let fixture = Fixture::new().await;
    let clicks: Vec<_> = (0..5).map(|minute| fixture.click(NOW.plus_ms(minute * 60_000), false)).collect();
    store::clicks::put_all(&fixture.db.db, &clicks).await.unwrap();
    let mut conn = fixture.conn().await;
    let list = store::clicks::list(&mut conn, &fixture.program, None, AFTER_ALL_IDS, 3).await.unwrap();
    let tokens: Vec<_> = list.iter().map(|click| &click.token).collect();
    assert_eq!(tokens, [&clicks[4].token, &clicks[3].token, &clicks[2].token]);
    let before = list[2].token.as_str();
    let rest =
        store::clicks::list(&mut conn, &fixture.program, Some(&fixture.affiliate), before, 3).await.unwrap();
    assert_eq!(rest.len(), 2);
    let (noah, _) = put_affiliate(&mut conn, &fixture.random, &fixture.program, "noah").await;
    let none = store::clicks::list(&mut conn, &fixture.program, Some(&noah), AFTER_ALL_IDS, 3).await.unwrap();
    assert!(none.is_empty());
    let other = put_program(&mut conn, &fixture.random, &fixture.merchant, "other").await;
    assert!(store::clicks::list(&mut conn, &other, None, AFTER_ALL_IDS, 3).await.unwrap().is_empty());
    assert!(store::clicks::get(&mut conn, &other, &clicks[0].token).await.unwrap().is_none());
}

#[tokio::test]
async fn nothing_of_a_batch_is_stored_when_one_click_is_bad() {
    let fixture = Fixture::new().await;
    let good = fixture.click(NOW, false);
    let batch = [good.clone(), fixture.click(NOW, false), good.clone()];
    assert!(store::clicks::put_all(&fixture.db.db, &batch).await.is_err());
    let mut conn = fixture.conn().await;
    assert!(store::clicks::seen(&mut conn, [&good.token]).await.unwrap().is_empty());
    let cuts = [Cut::BEGINNING, Cut::END];
    assert_eq!(store::sums::clicks::series(&mut conn, &fixture.program, &cuts).await.unwrap(), [0]);
}
