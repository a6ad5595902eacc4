//! A plugin as a chain has it: installed, configured, switched on for the chain or some sedes, upgraded and taken back.
use super::{EstadoVersion, FaltaExamen, Hallazgo, Permiso, Publicada};
use crate::problemas::{COMPLEMENTO_INCOMPLETO, EN_CAMBIO, EN_CUARENTENA, SOLO_SANDBOX, VERSION_NO_INSTALABLE};
use base64::{Engine, prelude::BASE64_STANDARD as B64};
use jiff::Timestamp;
use kernel::{FieldError, Problem, ids::SedeId, version::HasVersion};
use plugin_manifest::Package;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use utoipa::ToSchema;

/// The most plugins of one chain.
pub const MOST: i64 = 100;
/// A secret is a token or a password, not a document.
pub const MAX_SECRET: usize = 8 << 10;
/// A key with its chain of certificates.
pub const MAX_KEY: usize = 64 << 10;

/// What there was before the last upgrade.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Anterior {
    pub digest: String,
    pub config: Value,
    pub consentido: BTreeSet<String>,
}

/// An installation as the store has it.
#[derive(Debug, Clone)]
pub struct Instalacion {
    pub complemento: String,
    pub digest: String,
    pub config: Value,
    pub consentido: BTreeSet<String>,
    pub anterior: Option<Anterior>,
    pub en_cambio_hasta: Option<Timestamp>,
    pub habilitado: bool,
    pub sedes: Option<Vec<SedeId>>,
    pub sandbox: bool,
    pub comparte_desde: Option<Timestamp>,
    pub instalado_en: Timestamp,
    pub cambiado_en: Timestamp,
    pub cuarentena_desde: Option<Timestamp>,
    pub revision: i32,
}

impl Instalacion {
    /// 409 while an upgrade is under way.
    pub fn en_reposo(&self, now: Timestamp) -> Result<(), Problem> {
        match self.en_cambio_hasta.filter(|until| now < *until) {
            Some(until) => Err(Problem::new(EN_CAMBIO).retry_after(until.duration_since(now).as_secs().unsigned_abs().max(1))),
            None => Ok(()),
        }
    }

    /// What is in the way of switching it on.
    pub fn habilitable(&self, version: &Publicada, guardados: &BTreeSet<String>, sandbox: bool) -> Result<(), Problem> {
        if self.cuarentena_desde.is_some() {
            return Err(Problem::new(EN_CUARENTENA).detail("Antes revise qué falló y libérelo."));
        }
        match version.estado {
            EstadoVersion::Aprobada => {}
            EstadoVersion::EnRevision if version.propia && sandbox => {}
            EstadoVersion::EnRevision => return Err(Problem::new(SOLO_SANDBOX).detail("La plataforma todavía no la firmó.")),
            _ => return Err(Problem::new(VERSION_NO_INSTALABLE).detail("La versión instalada fue retirada: actualícela.")),
        }
        let mut errors = faltas_config(&version.paquete, &self.config);
        errors.extend(faltantes(&version.paquete, guardados));
        if errors.is_empty() { Ok(()) } else { Err(Problem::new(COMPLEMENTO_INCOMPLETO).errors(errors)) }
    }
}

/// Every wrong field of a configuration, under `/config`.
pub fn faltas_config(paquete: &Package, config: &Value) -> Vec<FieldError> {
    paquete.check_config(config).into_iter().map(|fault| FieldError::new(format!("/config{}", fault.pointer), fault.detail)).collect()
}

/// Secrets and keys that the schema asks for and that nobody gave.
pub fn faltantes(paquete: &Package, guardados: &BTreeSet<String>) -> Vec<FieldError> {
    let required = paquete.config_schema.as_ref().and_then(|schema| schema["required"].as_array());
    let required: BTreeSet<&str> = required.into_iter().flatten().filter_map(Value::as_str).collect();
    let missing = |name: &&str| required.contains(name) && !guardados.contains(*name);
    let secrets = paquete.secrets().into_keys().filter(missing).map(|name| FieldError::new(format!("/secretos/{name}"), "es obligatorio"));
    let keys = paquete.key_slots().into_keys().filter(missing).map(|name| FieldError::new(format!("/claves/{name}"), "es obligatoria"));
    secrets.chain(keys).collect()
}

/// What of the given secrets the plugin does not have, or is no secret.
pub fn faltas_secretos(paquete: &Package, secretos: &BTreeMap<String, Option<String>>) -> Vec<FieldError> {
    let known = paquete.secrets();
    let wrong = |(name, value): (&String, &Option<String>)| {
        let why = match value {
            _ if !known.contains_key(name.as_str()) => "no es un secreto de este complemento",
            Some(text) if text.is_empty() => "no puede estar vacío; para borrarlo envíe null",
            Some(text) if text.len() > MAX_SECRET => "es muy largo",
            Some(text) if text.contains('\0') => "tiene caracteres que no se admiten",
            _ => return None,
        };
        Some(FieldError::new(format!("/secretos/{}", name.replace('~', "~0").replace('/', "~1")), why))
    };
    secretos.iter().filter_map(wrong).collect()
}

/// Instala una versión.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Instalar {
    #[schema(min_length = 5, max_length = 40, example = "1.4.2")]
    pub version: String,
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub digest: String,
    /// Las claves de todos los permisos que pide, ni una más ni una menos.
    #[schema(max_items = 200)]
    pub consiente: Vec<String>,
}

/// La configuración, con sus secretos aparte.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DatosConfiguracion {
    /// Según el esquema del complemento, sin sus secretos.
    #[schema(value_type = Object)]
    pub config: Value,
    /// Los que cambian: un texto lo guarda, `null` lo borra, los que no están quedan. No se vuelven a mostrar.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub secretos: BTreeMap<String, Option<String>>,
}

/// Si un secreto está guardado, y desde cuándo.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Guardado {
    pub nombre: String,
    /// El complemento lo puede leer; si no, solo Huella lo usa en su nombre.
    pub legible: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub desde: Option<Timestamp>,
}

/// Una ranura de clave de firma.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Ranura {
    pub nombre: String,
    /// Qué clave admite, como `rsa` o `hmac`.
    pub clase: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub desde: Option<Timestamp>,
}

/// La configuración guardada. Los secretos no se muestran.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Configuracion {
    #[schema(value_type = Object)]
    pub config: Value,
    pub secretos: Vec<Guardado>,
    pub claves: Vec<Ranura>,
    pub revision: i32,
}

impl HasVersion for Configuracion {
    fn version(&self) -> i32 {
        self.revision
    }
}

/// Dónde se habilita.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Habilitar {
    /// Ausente o `null`, toda la cadena.
    #[schema(min_items = 1, max_items = 200)]
    pub sedes: Option<Vec<SedeId>>,
    /// Modo de pruebas: llama a los servidores de prueba del proveedor.
    #[serde(default)]
    pub sandbox: bool,
}

/// Pasa a otra versión.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Actualizar {
    #[schema(pattern = "^[0-9a-f]{64}$")]
    pub digest: String,
    /// Las claves de los permisos que la versión nueva pide y que no se habían consentido.
    #[schema(max_items = 200)]
    pub consiente: Vec<String>,
    /// La configuración para la versión nueva, si la de ahora no le sirve.
    #[schema(value_type = Option<Object>)]
    pub config: Option<Value>,
}

/// Una clave para una ranura.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NuevaClaveDeFirma {
    /// En base64: un archivo PFX (PKCS#12) o PEM, o los bytes de una clave HMAC.
    #[schema(min_length = 4, max_length = 90000)]
    pub contenido: String,
    /// La del archivo PFX.
    #[schema(min_length = 1, max_length = 200)]
    pub contrasena: Option<String>,
}

/// The bytes of a key, or what is wrong with them for a slot of this kind.
pub fn leer_clave(clase: &str, nueva: &NuevaClaveDeFirma) -> Result<Vec<u8>, Problem> {
    let wrong = |why: &'static str| Problem::field("/contenido", why);
    let bytes = B64.decode(nueva.contenido.trim()).map_err(|_| wrong("no es base64"))?;
    if bytes.len() > MAX_KEY {
        return Err(wrong("es muy grande"));
    }
    let pem = bytes.starts_with(b"-----BEGIN ");
    // PKCS#12 is a DER sequence.
    let der = bytes.first() == Some(&0x30);
    match clase {
        "hmac" if bytes.len() < 16 => Err(wrong("debe tener al menos 16 bytes")),
        "hmac" => Ok(bytes),
        _ if !pem && !der => Err(wrong("debe ser un archivo PFX o PEM")),
        _ => Ok(bytes),
    }
}

/// Si el editor puede ver lo que llevaban las llamadas que fallaron.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Compartir {
    pub consiente: bool,
}

/// La dirección secreta en la que un proveedor avisa.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Gancho {
    pub nombre: String,
    /// Para configurar en el proveedor.
    pub direccion: String,
}

/// Cómo está instalado un complemento en la cadena.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InstalacionVista {
    pub version: String,
    pub digest: String,
    pub estado_version: EstadoVersion,
    pub habilitado: bool,
    /// Ausente: toda la cadena.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sedes: Option<Vec<SedeId>>,
    pub sandbox: bool,
    /// Se detuvo por errores repetidos.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cuarentena_desde: Option<Timestamp>,
    /// Desde cuándo su editor puede ver lo que llevaban las llamadas que fallaron.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub comparte_desde: Option<Timestamp>,
    /// La versión a la que se puede volver.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anterior: Option<String>,
    /// Lo que se consintió.
    pub consentido: BTreeSet<String>,
    pub instalado_en: Timestamp,
    pub cambiado_en: Timestamp,
    pub revision: i32,
}

impl InstalacionVista {
    pub fn new(one: &Instalacion, version: &Publicada, anterior: Option<String>) -> Self {
        Self {
            version: version.version.clone(),
            digest: one.digest.clone(),
            estado_version: version.estado,
            habilitado: one.habilitado,
            sedes: one.sedes.clone(),
            sandbox: one.sandbox,
            cuarentena_desde: one.cuarentena_desde,
            comparte_desde: one.comparte_desde,
            anterior,
            consentido: one.consentido.clone(),
            instalado_en: one.instalado_en,
            cambiado_en: one.cambiado_en,
            revision: one.revision,
        }
    }
}

/// Un complemento del catálogo, y cómo lo tiene la cadena.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Complemento {
    pub complemento: String,
    pub nombre: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub descripcion: Option<String>,
    pub mundo: String,
    pub editor: String,
    /// La versión más nueva que se puede instalar; ausente si fue retirada.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    pub capacidades: BTreeMap<String, Vec<String>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instalacion: Option<InstalacionVista>,
}

/// Un complemento con todo lo que hay que saber antes de instalarlo o configurarlo. Es de la versión instalada; si no lo está, de la más nueva.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ComplementoDetalle {
    #[serde(flatten)]
    pub complemento: Complemento,
    /// La versión que describe.
    pub descrita: String,
    pub descrita_digest: String,
    /// Lo que pide, cada cosa con su motivo.
    pub permisos: Vec<Permiso>,
    #[schema(value_type = Object)]
    pub limites: plugin_manifest::Limits,
    /// Esquema JSON de la configuración.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub esquema: Option<Value>,
    /// Cómo mostrarla en un formulario.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub ui: Option<Value>,
    pub hallazgos: Vec<Hallazgo>,
}

impl HasVersion for ComplementoDetalle {
    fn version(&self) -> i32 {
        self.complemento.instalacion.as_ref().map_or(0, |one| one.revision)
    }
}

/// Lo que cambiaría al pasar a la versión más nueva.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Actualizacion {
    pub desde: String,
    /// Ausente: ya tiene la más nueva.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub a: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<String>,
    /// Permisos por consentir.
    pub nuevos: Vec<Permiso>,
    /// Permisos que ya no pide.
    pub sobran: Vec<String>,
    /// Lo que la configuración de ahora tiene mal para la versión nueva.
    pub faltas: Vec<FaltaExamen>,
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
            "publisher": "prueba", "license": "MIT", "config": { "schema": "c.json" },
        });
        let schema = json!({ "type": "object", "required": ["comercio", "clave", "certificado"], "properties": {
            "comercio": { "type": "string" }, "clave": { "type": "string", "x-secret": "host" }, "certificado": { "x-key-slot": "rsa" },
        }, "additionalProperties": false });
        Package { manifest: Manifest::from_json(manifest).expect("a manifest"), config_schema: Some(schema), config_ui: None }
    }

    fn pointers(errors: Vec<FieldError>) -> Vec<String> {
        errors.into_iter().map(|error| error.pointer.into_owned()).collect()
    }

    #[rstest]
    #[case::good(json!({ "comercio": "341198210" }), &[])]
    #[case::missing(json!({}), &["/config/comercio"])]
    #[case::all_at_once(json!({ "comercio": 1, "otra": true }), &["/config/comercio", "/config/otra"])]
    #[case::a_secret_is_not_here(json!({ "comercio": "1", "clave": "x" }), &["/config/clave"])]
    fn a_configuration_is_checked_whole(#[case] config: Value, #[case] expected: &[&str]) {
        let mut found = pointers(faltas_config(&paquete(), &config));
        found.sort();
        assert_eq!(found, expected);
    }

    #[rstest]
    #[case::nothing(&[], &["/secretos/clave", "/claves/certificado"])]
    #[case::one(&["clave"], &["/claves/certificado"])]
    #[case::both(&["clave", "certificado"], &[])]
    fn what_is_required_and_kept_apart_is_missed(#[case] kept: &[&str], #[case] expected: &[&str]) {
        let kept = kept.iter().map(|name| (*name).to_owned()).collect();
        assert_eq!(pointers(faltantes(&paquete(), &kept)), expected);
    }

    #[rstest]
    #[case::kept("clave", Some("x".into()), true)]
    #[case::deleted("clave", None, true)]
    #[case::empty("clave", Some(String::new()), false)]
    #[case::too_long("clave", Some("x".repeat(MAX_SECRET + 1)), false)]
    #[case::no_secret("comercio", Some("x".into()), false)]
    #[case::a_key("certificado", Some("x".into()), false)]
    fn only_secrets_are_given_as_secrets(#[case] name: &str, #[case] value: Option<String>, #[case] good: bool) {
        assert_eq!(faltas_secretos(&paquete(), &BTreeMap::from([(name.to_owned(), value)])).is_empty(), good);
    }

    #[rstest]
    #[case::pem("rsa", b"-----BEGIN PRIVATE KEY-----", true)]
    #[case::pfx("rsa", &[0x30, 0x82, 1, 2], true)]
    #[case::neither("rsa", b"una clave", false)]
    #[case::hmac("hmac", b"0123456789abcdef", true)]
    #[case::short("hmac", b"0123456789abcde", false)]
    fn a_key_fits_its_slot(#[case] clase: &str, #[case] bytes: &[u8], #[case] good: bool) {
        let nueva = NuevaClaveDeFirma { contenido: B64.encode(bytes), contrasena: None };
        assert_eq!(leer_clave(clase, &nueva).ok(), good.then(|| bytes.to_vec()));
    }
}
