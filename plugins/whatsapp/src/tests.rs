use super::*;
use huella_plugin_sdk::{
    crypto::to_hex,
    http::Error,
    notification::{DeliveryStatus, DeliveryUpdate, Reply},
    testing::{self, MockHost, call, message, webhook},
};
use rstest::rstest;
use serde_json::{Value, json};

fn host() -> MockHost {
    MockHost::new().config(json!({"numero_id": "106540352242922"})).key("app", "secreto")
}

fn reminder() -> Message {
    message("+51987654321", "recordatorio_cita", &[("nombre", "Rosa"), ("mascota", "Luna"), ("hora", "10:30")], "Hola")
}

fn failure(code: u32) -> Value {
    json!({"error": {"message": format!("(#{code}) no"), "code": code, "error_data": {"details": "por algo"}, "fbtrace_id": "t"}})
}

#[test]
fn a_template_goes_out_with_its_variables_in_order() {
    let host = host().reply(200, &json!({"messages": [{"id": "wamid.1"}]}));
    assert_eq!(testing::send::<Whatsapp>(&host, reminder()), Ok("wamid.1".into()));
    let requests = host.requests();
    assert_eq!(requests[0].url, "https://graph.facebook.com/v23.0/106540352242922/messages");
    assert_eq!(requests[0].auth, Some(http::CredentialRef::Bearer("token".into())), "the token itself stays with the host");
    let body: Value = serde_json::from_slice(&requests[0].body).expect("JSON");
    assert_eq!(body["to"], "51987654321");
    let text = |value: &str| json!({"type": "text", "text": value});
    assert_eq!(body["template"]["components"][0]["parameters"], json!([text("Rosa"), text("Luna"), text("10:30")]));
    assert_eq!((&body["type"], &body["template"]["language"]["code"]), (&json!("template"), &json!("es")));
    assert_eq!(body["biz_opaque_callback_data"], call().idempotency_key);
}

#[test]
fn without_a_template_it_is_free_text() {
    let host = host().reply(200, &json!({"messages": [{"id": "wamid.1"}]}));
    testing::send::<Whatsapp>(&host, message("51987654321", "", &[], "Hola")).expect("sent");
    let body: Value = serde_json::from_slice(&host.requests()[0].body).expect("JSON");
    assert_eq!((&body["type"], &body["text"]["body"]), (&json!("text"), &json!("Hola")));
}

#[rstest]
#[case::token(401, failure(190), PluginError::NotAuthorized("(#190) no".into()))]
#[case::too_many(429, failure(130_429), PluginError::RetryLater(None))]
#[case::their_trouble(500, failure(131_000), PluginError::RetryLater(None))]
#[case::no_such_template(404, failure(132_001), PluginError::rejected("132001", "por algo"))]
#[case::gateway(502, json!("Bad gateway"), PluginError::Indeterminate("WhatsApp respondió 502".into()))]
#[case::unreadable(200, json!({"ok": true}), PluginError::Indeterminate("WhatsApp respondió algo que no se entiende".into()))]
fn what_an_answer_means(#[case] status: u16, #[case] body: Value, #[case] expected: PluginError) {
    assert_eq!(testing::send::<Whatsapp>(&host().reply(status, &body), reminder()), Err(expected));
}

#[test]
fn a_lost_answer_is_never_followed_by_a_second_message() {
    let host = host().fail(Error::Timeout);
    for _ in 0..2 {
        assert!(matches!(testing::send::<Whatsapp>(&host, reminder()), Err(PluginError::Indeterminate(_))));
    }
    assert_eq!(host.requests().len(), 1);
    let body =
        states(json!([{"id": "wamid.9", "status": "sent", "timestamp": "1764000000", "biz_opaque_callback_data": call().idempotency_key}]));
    let settled = delivered(receive(&host, &body, "secreto").expect("signed"));
    assert_eq!(settled[0].idempotency_key, Some(call().idempotency_key));
    assert_eq!(testing::send::<Whatsapp>(&host, reminder()), Ok("wamid.9".into()));
    assert_eq!(host.requests().len(), 1);
}

#[test]
fn only_a_phone_is_called() {
    let sent = testing::send::<Whatsapp>(&host(), message("rosa@example.pe", "x", &[], ""));
    assert!(matches!(sent, Err(PluginError::InvalidInput(_))));
}

fn states(statuses: Value) -> String {
    let value = json!({"messaging_product": "whatsapp", "metadata": {"phone_number_id": "106540352242922"}, "statuses": statuses});
    json!({"object": "whatsapp_business_account", "entry": [{"id": "1", "changes": [{"value": value, "field": "messages"}]}]}).to_string()
}

/// What it says became of messages.
fn delivered(updates: Vec<Update>) -> Vec<DeliveryUpdate> {
    let state = |update| match update {
        Update::Delivery(state) => state,
        Update::Reply(reply) => panic!("nobody wrote {reply:?}"),
    };
    updates.into_iter().map(state).collect()
}

fn receive(host: &MockHost, body: &str, key: &str) -> Result<Vec<Update>, PluginError> {
    let other = MockHost::new().key("app", key);
    let signature =
        other.run(|| huella_plugin_sdk::crypto::sign("app", huella_plugin_sdk::crypto::SignatureAlg::HmacSha256, body.as_bytes()));
    let header = format!("sha256={}", to_hex(&signature.expect("a signature")));
    let plugin: Whatsapp = testing::plugin(json!({"numero_id": "106540352242922"}));
    host.run(|| plugin.handle_webhook(&call(), &webhook(&[("X-Hub-Signature-256", &header)], body)))
}

#[test]
fn states_are_read_from_a_signed_webhook() {
    let body = states(json!([
        {"id": "wamid.1", "status": "delivered", "timestamp": "1764000000"},
        {"id": "wamid.2", "status": "failed", "timestamp": "1764000001", "errors": [{"code": 131_026, "title": "Message undeliverable"}]},
    ]));
    let updates = delivered(receive(&host(), &body, "secreto").expect("signed"));
    let read: Vec<_> = updates.iter().map(|one| (&*one.provider_ref, one.status, one.code.as_deref(), one.at_unix_ms)).collect();
    let expected = [
        ("wamid.1", DeliveryStatus::Delivered, None, 1_764_000_000_000),
        ("wamid.2", DeliveryStatus::Failed, Some("131026"), 1_764_000_001_000),
    ];
    assert_eq!(read, expected);
}

#[test]
fn a_button_carries_its_answer() {
    let host = host().reply(200, &json!({"messages": [{"id": "wamid.1"}]}));
    let vars = [("nombre", "Rosa"), ("boton.0", "si-7f3a"), ("boton.1", "no-7f3a")];
    testing::send::<Whatsapp>(&host, message("+51987654321", "confirmar_cita", &vars, "")).expect("sent");
    let body: Value = serde_json::from_slice(&host.requests()[0].body).expect("JSON");
    let button = |index: &str, payload: &str| json!({"type": "button", "sub_type": "quick_reply", "index": index, "parameters": [{"type": "payload", "payload": payload}]});
    let text = json!({"type": "body", "parameters": [{"type": "text", "text": "Rosa"}]});
    assert_eq!(body["template"]["components"], json!([text, button("0", "si-7f3a"), button("1", "no-7f3a")]));
}

#[rstest]
#[case::text(json!({"type": "text", "text": {"body": "Sí"}}), Some(("Sí", None)))]
#[case::button(json!({"type": "button", "button": {"payload": "si-7f3a", "text": "Confirmo"}}), Some(("Confirmo", Some("si-7f3a"))))]
#[case::chosen(
    json!({"type": "interactive", "interactive": {"type": "button_reply", "button_reply": {"id": "no-7f3a", "title": "No puedo"}}}),
    Some(("No puedo", Some("no-7f3a")))
)]
#[case::from_a_list(json!({"type": "interactive", "interactive": {"type": "list_reply", "list_reply": {"id": "1", "title": "x"}}}), None)]
#[case::picture(json!({"type": "image", "image": {"id": "1"}}), None)]
fn what_somebody_wrote_is_read(#[case] content: Value, #[case] expected: Option<(&str, Option<&str>)>) {
    let mut written = json!({"from": "51987654321", "id": "wamid.8", "timestamp": "1764000000", "context": {"id": "wamid.1"}});
    written.as_object_mut().expect("an object").extend(content.as_object().expect("an object").clone());
    let body = states(json!([])).replace("\"statuses\":[]", &format!("\"messages\":[{written}]"));
    let expected = expected.map(|(text, payload)| {
        Update::Reply(Reply {
            sender: "+51987654321".into(),
            text: text.into(),
            payload: payload.map(Into::into),
            provider_ref: Some("wamid.1".into()),
            at_unix_ms: 1_764_000_000_000,
        })
    });
    assert_eq!(receive(&host(), &body, "secreto"), Ok(Vec::from_iter(expected)));
    assert!(matches!(receive(&host(), &body, "otro"), Err(PluginError::InvalidInput(_))), "nobody else speaks for an owner");
}

#[test]
fn nobody_else_tells_what_became_of_a_message() {
    let body = states(json!([{"id": "wamid.1", "status": "read", "timestamp": "1764000000"}]));
    assert!(matches!(receive(&host(), &body, "otro"), Err(PluginError::InvalidInput(_))));
    let plugin: Whatsapp = testing::plugin(json!({"numero_id": "106540352242922"}));
    let unsigned = host().run(|| plugin.handle_webhook(&call(), &webhook(&[], body.as_str())));
    assert!(matches!(unsigned, Err(PluginError::InvalidInput(_))));
    let keyless = receive(&MockHost::new(), &body, "secreto");
    assert!(matches!(keyless, Err(PluginError::NotAuthorized(_))), "without a secret nothing is believed");
}

#[test]
fn an_app_with_several_numbers_is_heard_for_this_one_only() {
    let body = states(json!([{"id": "wamid.1", "status": "read", "timestamp": "1764000000"}])).replace("106540352242922", "999999999");
    assert_eq!(receive(&host(), &body, "secreto"), Ok(Vec::new()));
}
