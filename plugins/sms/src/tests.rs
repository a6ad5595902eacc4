use super::*;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD as B64};
use huella_plugin_sdk::{
    crypto::{self, Hash, SignatureAlg, to_hex},
    http::Error,
    notification::{DeliveryStatus, Reply},
    testing::{self, MockHost, call, message, webhook},
};
use rstest::rstest;
use serde_json::{Value, json};

fn config() -> Value {
    json!({"clave": "a1b2c3d4", "remitente": "AndesVet"})
}

fn host() -> MockHost {
    MockHost::new().config(config()).key("firma", "secreto")
}

fn reminder() -> Message {
    message("+51987654321", "", &[], "Mañana a las 10:30 toca la vacuna de Luna. ¿Confirmará?")
}

#[test]
fn a_message_goes_out_in_letters_that_fit() {
    let host = host().reply(202, &json!({"message_uuid": "uuid-1"}));
    assert_eq!(testing::send::<Sms>(&host, reminder()), Ok("uuid-1".into()));
    let requests = host.requests();
    assert_eq!(requests[0].url, "https://api.nexmo.com/v1/messages");
    assert_eq!(requests[0].auth, Some(http::CredentialRef::Basic(("a1b2c3d4".into(), "secreto".into()))));
    let body: Value = serde_json::from_slice(&requests[0].body).expect("JSON");
    let expected = json!({"message_type": "text", "channel": "sms", "to": "51987654321", "from": "AndesVet",
        "text": "Mañana a las 10:30 toca la vacuna de Luna. ¿Confirmara?", "client_ref": call().idempotency_key});
    assert_eq!(body, expected);
}

fn problem(number: &str) -> Value {
    json!({"type": format!("https://developer.vonage.com/api-errors/messages#{number}"), "title": "No", "detail": "por algo"})
}

#[rstest]
#[case::credentials(401, problem("x"), PluginError::NotAuthorized("Vonage no aceptó la clave o el secreto".into()))]
#[case::no_money(402, problem("1330"), PluginError::NotAuthorized("la cuenta de Vonage no tiene saldo".into()))]
#[case::wrong(422, problem("1150"), PluginError::rejected("1150", "por algo"))]
#[case::too_many(429, problem("1010"), PluginError::RetryLater(None))]
#[case::their_trouble(500, problem("internal-error"), PluginError::RetryLater(None))]
#[case::gateway(504, json!("Gateway timeout"), PluginError::Indeterminate("Vonage respondió 504".into()))]
#[case::unreadable(202, json!({"ok": true}), PluginError::Indeterminate("Vonage respondió algo que no se entiende".into()))]
fn what_an_answer_means(#[case] status: u16, #[case] body: Value, #[case] expected: PluginError) {
    assert_eq!(testing::send::<Sms>(&host().reply(status, &body), reminder()), Err(expected));
}

#[rstest]
#[case::no_phone(message("rosa@example.pe", "", &[], "Hola"))]
#[case::empty(message("+51987654321", "", &[], ""))]
#[case::too_long(message("+51987654321", "", &[], &"a".repeat(1001)))]
fn what_cannot_be_sent_is_not(#[case] message: Message) {
    assert!(matches!(testing::send::<Sms>(&host(), message), Err(PluginError::InvalidInput(_))));
}

#[test]
fn a_lost_answer_is_never_followed_by_a_second_message() {
    let host = host().fail(Error::Indeterminate("cortada".into()));
    for _ in 0..2 {
        assert!(matches!(testing::send::<Sms>(&host, reminder()), Err(PluginError::Indeterminate(_))));
    }
    assert_eq!(host.requests().len(), 1);
    let body = status("submitted", &call().idempotency_key);
    receive(&host, &body, &token(&body, "HS256", "a1b2c3d4", "secreto")).expect("signed");
    assert_eq!(testing::send::<Sms>(&host, reminder()), Ok("uuid-1".into()));
}

fn status(status: &str, client_ref: &str) -> String {
    let error = (status == "undeliverable").then(|| json!({"title": 1320, "detail": "no"}));
    json!({"message_uuid": "uuid-1", "status": status, "timestamp": "2026-11-27T15:00:00.250Z", "client_ref": client_ref, "error": error})
        .to_string()
}

fn token(body: &str, alg: &str, api_key: &str, secret: &str) -> String {
    MockHost::new().key("firma", secret).run(|| {
        let hash = to_hex(&crypto::digest(Hash::Sha256, body.as_bytes()));
        let encode = |value: Value| B64.encode(value.to_string());
        let signed = format!("{}.{}", encode(json!({"alg": alg})), encode(json!({"payload_hash": hash, "api_key": api_key})));
        let signature = crypto::sign("firma", SignatureAlg::HmacSha256, signed.as_bytes()).expect("a key");
        format!("{signed}.{}", B64.encode(signature))
    })
}

fn receive(host: &MockHost, body: &str, token: &str) -> Result<Vec<Update>, PluginError> {
    let plugin: Sms = testing::plugin(config());
    host.run(|| plugin.handle_webhook(&call(), &webhook(&[("authorization", &format!("Bearer {token}"))], body)))
}

#[rstest]
#[case("submitted", DeliveryStatus::Sent, None)]
#[case("delivered", DeliveryStatus::Delivered, None)]
#[case("undeliverable", DeliveryStatus::Failed, Some("1320"))]
#[case("accepted-by-aliens", DeliveryStatus::Other, None)]
fn states_are_read_from_a_signed_webhook(#[case] said: &str, #[case] expected: DeliveryStatus, #[case] code: Option<&str>) {
    let body = status(said, "x");
    let updates = receive(&host(), &body, &token(&body, "HS256", "a1b2c3d4", "secreto")).expect("signed");
    let [Update::Delivery(update)] = &*updates else { panic!("one state") };
    assert_eq!((&*update.provider_ref, update.status, update.code.as_deref()), ("uuid-1", expected, code));
    assert_eq!(update.at_unix_ms, 1_795_791_600_250);
}

#[rstest]
#[case("text", true)]
#[case("unsupported", false)]
fn what_somebody_wrote_is_read(#[case] kind: &str, #[case] is_read: bool) {
    let body = json!({"channel": "sms", "message_uuid": "uuid-9", "to": "AndesVet", "from": "51987654321",
        "timestamp": "2026-11-27T15:00:00.250Z", "message_type": kind, "text": "si"})
    .to_string();
    let reply =
        Reply { sender: "+51987654321".into(), text: "si".into(), payload: None, provider_ref: None, at_unix_ms: 1_795_791_600_250 };
    let expected = is_read.then_some(Update::Reply(reply));
    assert_eq!(receive(&host(), &body, &token(&body, "HS256", "a1b2c3d4", "secreto")), Ok(Vec::from_iter(expected)));
    assert!(receive(&host(), &body, &token(&body, "HS256", "a1b2c3d4", "otro")).is_err(), "nobody else speaks for an owner");
}

#[rstest]
#[case::another_secret(token(&status("delivered", "x"), "HS256", "a1b2c3d4", "otro"))]
#[case::another_account(token(&status("delivered", "x"), "HS256", "otra", "secreto"))]
#[case::another_body(token(&status("rejected", "x"), "HS256", "a1b2c3d4", "secreto"))]
#[case::another_algorithm(token(&status("delivered", "x"), "none", "a1b2c3d4", "secreto"))]
#[case::no_token(String::new())]
fn nobody_else_tells_what_became_of_a_message(#[case] token: String) {
    assert!(matches!(receive(&host(), &status("delivered", "x"), &token), Err(PluginError::InvalidInput(_))));
}
