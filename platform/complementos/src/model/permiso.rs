//! What a plugin asks for and a chain agrees to: exactly that, piece by piece.
use plugin_manifest::{CryptoUse, Environment, EventsUse, HttpRule, Package, SecretUse, StateUse};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// Qué clase de permiso es.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum PermisoTipo {
    /// Llamar a un servidor.
    Servidor,
    /// Guardar datos propios entre llamadas.
    Estado,
    /// Avisar de algo a Huella.
    Evento,
    /// Firmar o verificar con una clave que no ve.
    Firma,
    /// Leer un secreto de la configuración: puede llevárselo.
    SecretoLegible,
}

/// Algo que un complemento pide, con su motivo.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Permiso {
    /// Lo que se nombra al consentir. Cambia si cambia lo que permite.
    #[schema(example = "servidor:api.niubiz.pe:443 POST /v1/*")]
    pub clave: String,
    pub tipo: PermisoTipo,
    /// Para qué, según quien lo publica.
    pub motivo: String,
    /// Conviene pensarlo dos veces.
    pub delicado: bool,
}

/// All that a package asks for, in a stable order.
pub fn pedidos(paquete: &Package) -> Vec<Permiso> {
    let manifest = &paquete.manifest;
    let mut all: Vec<Permiso> = manifest.http.iter().map(servidor).collect();
    all.extend(manifest.permissions.state.iter().map(estado));
    all.extend(manifest.permissions.events.iter().flat_map(eventos));
    all.extend(manifest.permissions.crypto.iter().flat_map(firmas));
    all.extend(paquete.secrets().into_iter().filter(|(_, who)| *who == SecretUse::Guest).map(|(name, _)| legible(paquete, name)));
    let mut seen = BTreeSet::new();
    all.retain(|permiso| seen.insert(permiso.clave.clone()));
    all
}

fn servidor(rule: &HttpRule) -> Permiso {
    let sorted = |list: &[String]| list.iter().cloned().collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(",");
    let any = |list: &[String]| if list.is_empty() { "*".to_owned() } else { sorted(list) };
    let environment = match rule.environment {
        None => "",
        Some(Environment::Production) => " producción",
        Some(Environment::Sandbox) => " pruebas",
    };
    let (port, methods, paths) = (rule.port.unwrap_or(443), any(&rule.methods), any(&rule.paths));
    Permiso {
        clave: format!("servidor:{}:{port} {methods} {paths}{environment}", rule.host),
        tipo: PermisoTipo::Servidor,
        motivo: rule.reason.es.clone(),
        delicado: rule.host.starts_with('*'),
    }
}

fn estado(wanted: &StateUse) -> Permiso {
    Permiso { clave: format!("estado:{}", wanted.quota), tipo: PermisoTipo::Estado, motivo: wanted.reason.es.clone(), delicado: false }
}

fn eventos(wanted: &EventsUse) -> impl Iterator<Item = Permiso> {
    wanted.topics.iter().map(|topic| Permiso {
        clave: format!("evento:{topic}"),
        tipo: PermisoTipo::Evento,
        motivo: wanted.reason.es.clone(),
        delicado: false,
    })
}

fn firmas(wanted: &CryptoUse) -> impl Iterator<Item = Permiso> {
    let each = |key: &String| wanted.algs.iter().map(|alg| format!("firma:{key}:{alg}")).collect::<Vec<_>>();
    wanted.keys.iter().flat_map(each).map(|clave| Permiso {
        delicado: !clave.contains(":hmac-"),
        clave,
        tipo: PermisoTipo::Firma,
        motivo: wanted.reason.es.clone(),
    })
}

fn legible(paquete: &Package, name: &str) -> Permiso {
    let schema = paquete.config_schema.as_ref().map(|schema| &schema["properties"][name]);
    let told = schema.and_then(|property| property["description"].as_str().or(property["title"].as_str()));
    Permiso {
        clave: format!("secreto:{name}"),
        tipo: PermisoTipo::SecretoLegible,
        motivo: told.unwrap_or("El complemento lee este secreto").to_owned(),
        delicado: true,
    }
}

/// What `asked` has that was not agreed to yet. A smaller store than before needs no new consent; anything else that
/// changed does, since a shorter list of paths may name another one.
pub fn nuevos<'a>(asked: &'a [Permiso], agreed: &BTreeSet<String>) -> Vec<&'a Permiso> {
    let size = |clave: &str| clave.strip_prefix("estado:").and_then(|text| plugin_manifest::Size::try_from(text.to_owned()).ok());
    let most = agreed.iter().filter_map(|clave| size(clave)).max();
    let covered = |clave: &str| agreed.contains(clave) || size(clave).is_some_and(|wanted| Some(wanted) <= most);
    asked.iter().filter(|permiso| !covered(&permiso.clave)).collect()
}

/// Lo que falta o sobra en un consentimiento.
#[derive(Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Diferencia {
    pub falta: Vec<Permiso>,
    pub sobra: Vec<String>,
}

/// A consent has to name exactly what is asked: who agrees to something else looked at something else.
pub fn comparar(asked: &[&Permiso], given: &[String]) -> Option<Diferencia> {
    let given_set: BTreeSet<&str> = given.iter().map(String::as_str).collect();
    let falta: Vec<Permiso> =
        asked.iter().filter(|permiso| !given_set.contains(permiso.clave.as_str())).map(|one| (*one).clone()).collect();
    let sobra: Vec<String> =
        given_set.iter().filter(|clave| asked.iter().all(|permiso| permiso.clave != **clave)).map(|clave| (*clave).to_owned()).collect();
    (!falta.is_empty() || !sobra.is_empty()).then_some(Diferencia { falta, sobra })
}

#[cfg(test)]
mod tests {
    use super::*;
    use plugin_manifest::Manifest;
    use rstest::rstest;
    use serde_json::json;

    fn paquete() -> Package {
        let manifest = json!({
            "manifest": 1, "id": "pe.prueba.pagos", "version": "1.0.0", "name": { "es": "Pagos" }, "world": "huella:plugin/payment@0.1.0",
            "publisher": "prueba", "license": "MIT",
            "http": [{ "host": "api.prueba.pe", "methods": ["POST", "GET"], "paths": ["/v1/*"], "reason": { "es": "Cobrar" } },
                     { "host": "*.prueba.pe", "environment": "sandbox", "reason": { "es": "Probar" } }],
            "permissions": { "state": { "quota": "256KiB", "reason": { "es": "Sesión" } },
                             "events": { "topics": ["payment.note"], "reason": { "es": "Avisar" } },
                             "crypto": { "keys": ["firma"], "algs": ["hmac-sha256", "ed25519"], "reason": { "es": "Firmar" } } },
            "config": { "schema": "config.schema.json" },
        });
        let schema = json!({ "type": "object", "properties": {
            "usuario": { "type": "string" },
            "token": { "type": "string", "x-secret": "guest", "description": "Token de la API antigua" },
            "clave": { "type": "string", "x-secret": "host" },
        } });
        Package { manifest: Manifest::from_json(manifest).expect("a manifest"), config_schema: Some(schema), config_ui: None }
    }

    #[test]
    fn everything_that_is_asked_for_has_a_name_and_a_reason() {
        let all = pedidos(&paquete());
        let named: Vec<(&str, &str, bool)> = all.iter().map(|p| (p.clave.as_str(), p.motivo.as_str(), p.delicado)).collect();
        assert_eq!(
            named,
            [
                ("servidor:api.prueba.pe:443 GET,POST /v1/*", "Cobrar", false),
                ("servidor:*.prueba.pe:443 * * pruebas", "Probar", true),
                ("estado:256KiB", "Sesión", false),
                ("evento:payment.note", "Avisar", false),
                ("firma:firma:hmac-sha256", "Firmar", false),
                ("firma:firma:ed25519", "Firmar", true),
                ("secreto:token", "Token de la API antigua", true),
            ]
        );
    }

    fn one(clave: &str) -> Permiso {
        Permiso { clave: clave.into(), tipo: PermisoTipo::Estado, motivo: "x".into(), delicado: false }
    }

    #[rstest]
    #[case::all_known(&["a", "b"], &["a", "b"], &[])]
    #[case::more(&["a", "b"], &["a"], &["b"])]
    #[case::less(&["a"], &["a", "b"], &[])]
    #[case::a_smaller_store(&["estado:64KiB"], &["estado:1MiB"], &[])]
    #[case::a_larger_store(&["estado:2MiB"], &["estado:1MiB"], &["estado:2MiB"])]
    #[case::a_store_at_all(&["estado:64KiB"], &[], &["estado:64KiB"])]
    fn what_was_not_agreed_to_is_asked_for_again(#[case] asked: &[&str], #[case] agreed: &[&str], #[case] expected: &[&str]) {
        let asked: Vec<Permiso> = asked.iter().map(|clave| one(clave)).collect();
        let agreed = agreed.iter().map(|clave| (*clave).to_owned()).collect();
        assert_eq!(nuevos(&asked, &agreed).into_iter().map(|p| p.clave.as_str()).collect::<Vec<_>>(), expected);
    }

    #[rstest]
    #[case::exact(&["a", "b"], None)]
    #[case::order_does_not_matter(&["b", "a"], None)]
    #[case::short(&["a"], Some((&["b"][..], &[][..])))]
    #[case::long(&["a", "b", "c"], Some((&[][..], &["c"][..])))]
    #[case::other(&["a", "c"], Some((&["b"][..], &["c"][..])))]
    fn a_consent_names_exactly_what_is_asked(#[case] given: &[&str], #[case] expected: Option<(&[&str], &[&str])>) {
        let asked = [one("a"), one("b")];
        let given: Vec<String> = given.iter().map(|clave| (*clave).to_owned()).collect();
        let found = comparar(&asked.iter().collect::<Vec<_>>(), &given);
        let found = found.map(|d| (d.falta.into_iter().map(|p| p.clave).collect::<Vec<_>>(), d.sobra));
        let owned = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
        assert_eq!(found, expected.map(|(falta, sobra)| (owned(falta), owned(sobra))));
    }
}
