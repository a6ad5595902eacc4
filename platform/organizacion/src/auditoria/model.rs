//! A line of the audit as it is shown, and which of its personal values may be read.
use base64::{Engine, prelude::BASE64_STANDARD as B64};
use jiff::Timestamp;
use kernel::{
    Access,
    crypto::PersonKey,
    ids::SedeId,
    permission::{Permission, VerPacientes, VerUsuarios},
};
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeSet, HashMap};
use utoipa::ToSchema;
use uuid::Uuid;

/// How an encrypted value begins inside `antes` and `despues`.
const SEALED: &str = "cifrado:";
const CIFRADO: &str = "[cifrado]";
const OLVIDADO: &str = "[olvidado]";

/// Records that the sedes of a chain share: their changes concern whoever works with patients anywhere.
pub const COMPARTIDAS: &[&str] = &["tutor", "mascota", "peso"];

/// Algo que alguien hizo o vio.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = HechoAuditado)]
pub struct Hecho {
    pub id: Uuid,
    pub en: Timestamp,
    pub actor: ActorHecho,
    /// Dirección IP desde la que se hizo.
    pub ip: Option<String>,
    /// Identificador de traza de la solicitud.
    pub traza: Option<String>,
    pub sede_id: Option<SedeId>,
    /// Qué se hizo, como `reservar`, `cambiar` o `leer`.
    pub accion: String,
    /// Con qué, como `cita` o `mascota`.
    pub entidad: String,
    pub entidad_id: Option<Uuid>,
    /// Los registros vistos, cuando se vieron varios.
    pub ids: Option<Vec<Uuid>>,
    /// Cómo era. Los datos personales se muestran como `[cifrado]` a quien no puede verlos y como `[olvidado]`
    /// cuando la persona ejerció su derecho de cancelación.
    #[schema(value_type = Option<Object>)]
    pub antes: Option<Value>,
    /// Cómo quedó.
    #[schema(value_type = Option<Object>)]
    pub despues: Option<Value>,
}

/// Quién hizo algo.
#[derive(Debug, Serialize, ToSchema)]
pub struct ActorHecho {
    /// `usuario`, `clave_api`, `sistema` o `anonimo`.
    pub tipo: String,
    pub id: Option<Uuid>,
    /// Nombre de la persona o de la clave de integración.
    pub nombre: Option<String>,
}

impl Hecho {
    /// Whom its encrypted values can belong to: the record itself, or a person named beside the value.
    pub fn people(&self) -> BTreeSet<Uuid> {
        let mut people = BTreeSet::new();
        if !self.has_sealed() {
            return people;
        }
        for side in [&self.antes, &self.despues].into_iter().flatten() {
            collect(side, &mut people);
        }
        people.extend(self.entidad_id);
        people
    }

    fn has_sealed(&self) -> bool {
        [&self.antes, &self.despues].into_iter().flatten().any(has_sealed)
    }

    /// Whether the reader may see personal values of this line: those of owners with `paciente.ver`, those of
    /// staff with `usuario.ver`, in the sede of the line or, if it has none, in any.
    pub fn readable_by(&self, access: &Access) -> bool {
        let needed = if ["usuario", "asignacion"].contains(&self.entidad.as_str()) { VerUsuarios::INDEX } else { VerPacientes::INDEX };
        needed.is_some_and(|index| match self.sede_id {
            Some(sede) => access.in_sede(sede).contains(index),
            None => access.sedes_with(index).is_some(),
        })
    }

    /// Opens what may be opened and replaces the rest. `keys`: of the people who are not forgotten. Returns
    /// whether anything was opened.
    pub fn reveal(&mut self, keys: &HashMap<Uuid, PersonKey>, readable: bool) -> bool {
        let people = self.people();
        let present: Vec<&PersonKey> = people.iter().filter_map(|person| keys.get(person)).collect();
        let mut opened = false;
        for side in [&mut self.antes, &mut self.despues].into_iter().flatten() {
            reveal(side, "", &mut |field, sealed| {
                if !readable {
                    return CIFRADO.to_owned();
                }
                let plain = open(&present, field, sealed);
                opened |= plain.is_some();
                plain.unwrap_or_else(|| OLVIDADO.to_owned())
            });
        }
        opened
    }
}

/// Ids in an object that holds encrypted values.
fn collect(value: &Value, people: &mut BTreeSet<Uuid>) {
    match value {
        Value::Object(fields) => {
            if fields.values().any(|field| field.as_str().is_some_and(|text| text.starts_with(SEALED))) {
                let ids = fields.iter().filter(|(name, _)| name.as_str() == "id" || name.ends_with("_id"));
                people.extend(ids.filter_map(|(_, id)| id.as_str()?.parse::<Uuid>().ok()));
            }
            fields.values().for_each(|field| collect(field, people));
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, people)),
        _ => {}
    }
}

fn has_sealed(value: &Value) -> bool {
    match value {
        Value::String(text) => text.starts_with(SEALED),
        Value::Object(fields) => fields.values().any(has_sealed),
        Value::Array(items) => items.iter().any(has_sealed),
        _ => false,
    }
}

/// Only the right key opens a value, and only as the field it was sealed for: its name in the object.
fn open(keys: &[&PersonKey], field: &str, sealed: &str) -> Option<String> {
    let bytes = B64.decode(sealed).ok()?;
    keys.iter().find_map(|key| key.open(field, &bytes).ok())
}

fn reveal(value: &mut Value, field: &str, show: &mut impl FnMut(&str, &str) -> String) {
    match value {
        Value::String(text) => {
            if let Some(sealed) = text.strip_prefix(SEALED) {
                *text = show(field, sealed);
            }
        }
        Value::Object(fields) => fields.iter_mut().for_each(|(name, field)| reveal(field, name, show)),
        Value::Array(items) => items.iter_mut().for_each(|item| reveal(item, field, show)),
        _ => {}
    }
}

/// Si la cadena de sellos de la auditoría está íntegra.
#[derive(Debug, Serialize, ToSchema)]
pub struct Integridad {
    /// Ausente mientras nadie la revisó.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub revision: Option<Revision>,
}

/// Una revisión de la cadena de sellos, desde el primero.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RevisionDeAuditoria)]
pub struct Revision {
    pub revisada_en: Timestamp,
    pub integra: bool,
    /// Cuántos sellos se comprobaron.
    pub eslabones: i64,
    /// Cuándo se anotó lo último que se comprobó.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hasta: Option<Timestamp>,
    /// El primer sello que no corresponde.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub roto: Option<i64>,
    /// Qué le pasa.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub motivo: Option<String>,
    /// Cuántas veces se comparó con lo que se guarda fuera de la base; ausente si no se pudo.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anclas: Option<i32>,
    /// Lo anotado que en ese momento no tenía sello todavía.
    pub sin_sellar: i64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use kernel::{crypto::Keyring, ids::TenantId, permission::PermissionSet};
    use serde_json::json;

    fn hecho(entidad: &str, id: Uuid, despues: Value) -> Hecho {
        Hecho {
            id: Uuid::now_v7(),
            en: Timestamp::UNIX_EPOCH,
            actor: ActorHecho { tipo: "sistema".into(), id: None, nombre: None },
            ip: None,
            traza: None,
            sede_id: None,
            accion: "crear".into(),
            entidad: entidad.into(),
            entidad_id: Some(id),
            ids: None,
            antes: None,
            despues: Some(despues),
        }
    }

    #[test]
    fn personal_values_show_only_to_who_may_and_while_the_person_is_known() {
        let (ring, tenant, ana, pet) = (Keyring::ephemeral(), TenantId::new(), Uuid::now_v7(), Uuid::now_v7());
        let key = |person| ring.new_person(tenant, person).expect("a fresh keyring").0;
        let keys = HashMap::from([(ana, key(ana))]);
        let sealed = keys[&ana].seal_text("telefono", "+51987654321");
        // The owner is the record itself, or is named inside the pet's record.
        for (entidad, id, body) in [
            ("tutor", ana, json!({ "telefono": sealed, "ubigeo": "150101" })),
            ("mascota", pet, json!({ "tutor": { "tutor_id": ana, "telefono": sealed, "ubigeo": "150101" } })),
        ] {
            let shown = |keys: &HashMap<Uuid, PersonKey>, readable| {
                let mut hecho = hecho(entidad, id, body.clone());
                assert!(hecho.people().contains(&ana));
                let opened = hecho.reveal(keys, readable);
                let text = hecho.despues.expect("still there").to_string();
                assert!(text.contains("150101") && !text.contains("cifrado:"), "{text}");
                (opened, text)
            };
            assert!(matches!(shown(&keys, true), (true, text) if text.contains("+51987654321")));
            assert!(matches!(shown(&keys, false), (false, text) if text.contains(CIFRADO)));
            assert!(matches!(shown(&HashMap::new(), true), (false, text) if text.contains(OLVIDADO)));
        }
        // Moved to another field, a value does not open.
        let mut moved = hecho("tutor", ana, json!({ "correo": keys[&ana].seal_text("telefono", "+51987654321") }));
        assert!(!moved.reveal(&keys, true));
    }

    #[test]
    fn staff_and_owners_need_different_permissions() {
        let set: PermissionSet = VerUsuarios::INDEX.into_iter().collect();
        let access = Access { cadena: set, sedes: Vec::new() };
        assert!(hecho("usuario", Uuid::now_v7(), json!({})).readable_by(&access));
        assert!(!hecho("tutor", Uuid::now_v7(), json!({})).readable_by(&access));
    }
}
