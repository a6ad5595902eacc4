//! Words about a pet in the audit: what people wrote goes under the key of its owner, and is gone when that is.
use crate::store::contactos;
use kernel::{
    Change, Problem, Tx,
    crypto::PersonKey,
    ids::{MascotaId, TutorId},
};
use serde_json::{Value, json};

/// Writes lines of the audit about one pet. What these fields say is sealed for its owner of today, whose id stands beside it; of
/// a pet that nobody with a key owns, it is left out. Where nobody wrote anything, nothing is asked of the database.
pub async fn auditar(tx: &mut Tx, mascota: MascotaId, palabras: &[&str], changes: Vec<Change>) -> Result<(), Problem> {
    let said = changes.iter().flat_map(Change::values).any(|value| dice(value, palabras));
    let titular = if said { titular(tx, mascota).await? } else { None };
    for mut change in changes {
        change.values_mut().for_each(|value| sellar(value, palabras, titular.as_ref()));
        tx.audit(change);
    }
    Ok(())
}

async fn titular(tx: &mut Tx, mascota: MascotaId) -> Result<Option<(TutorId, PersonKey)>, Problem> {
    let Some(fila) = contactos::of_pet(tx, mascota).await? else { return Ok(None) };
    Ok(tx.person_key(fila.id).await?.map(|key| (fila.id, key)))
}

fn dice(value: &Value, palabras: &[&str]) -> bool {
    match value {
        Value::Object(fields) => {
            fields.iter().any(|(name, field)| (field.is_string() && palabras.contains(&name.as_str())) || dice(field, palabras))
        }
        Value::Array(items) => items.iter().any(|item| dice(item, palabras)),
        _ => false,
    }
}

fn sellar(value: &mut Value, palabras: &[&str], titular: Option<&(TutorId, PersonKey)>) {
    match value {
        Value::Object(fields) => {
            let mut sealed = false;
            for (name, field) in fields.iter_mut() {
                if let (true, Value::String(text)) = (palabras.contains(&name.as_str()), &*field) {
                    let kept = titular.map(|(_, key)| key.seal_text(name, text));
                    *field = json!(kept);
                    sealed = true;
                } else {
                    sellar(field, palabras, titular);
                }
            }
            if let (true, Some((tutor, _))) = (sealed, titular) {
                fields.entry("tutor_id").or_insert_with(|| json!(tutor));
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| sellar(item, palabras, titular)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{crypto::Keyring, ids::TenantId};

    #[test]
    fn words_go_under_a_key_wherever_they_stand_and_nowhere_without_one() {
        let (ring, tenant, tutor) = (Keyring::ephemeral(), TenantId::new(), TutorId::new());
        let (key, _) = ring.new_person(tenant, tutor.0).expect("a fresh keyring");
        let written =
            json!({ "motivo": "Cojea", "estado": "anulada", "citas": [{ "preferencia": { "nota": "Vive lejos" } }], "nota": null });
        assert!(dice(&written, &["nota"]) && !dice(&json!({ "nota": null, "estado": "Cojea" }), &["nota"]));
        let mut nobody = written.clone();
        sellar(&mut nobody, &["motivo", "nota"], None);
        let left = json!({ "motivo": null, "estado": "anulada", "citas": [{ "preferencia": { "nota": null } }], "nota": null });
        assert_eq!(nobody, left);
        let mut hers = written;
        sellar(&mut hers, &["motivo", "nota"], Some(&(tutor, key)));
        let text = hers.to_string();
        assert!(!text.contains("Cojea") && !text.contains("Vive"), "{text}");
        assert!(hers["motivo"].as_str().is_some_and(|sealed| sealed.starts_with("cifrado:")), "{text}");
        assert_eq!((&hers["tutor_id"], &hers["citas"][0]["preferencia"]["tutor_id"]), (&json!(tutor), &json!(tutor)));
    }
}
