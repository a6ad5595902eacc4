//! `hechos/v1`: what an alert rule reads of a pet, as one document. It grows by optional members only.
use super::{Alcance, Gravedad, Sustancia, clinico::*, vacuna::Nombres};
use jiff::{Timestamp, civil::Date};
use kernel::ids::{HechoClinicoId, MascotaId, PesoId};
use pacientes::Sexo;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{PartialSchema, ToSchema};

/// The name that documents and rules go by.
pub const ESQUEMA: &str = "hechos/v1";

/// La mascota, como la leen las reglas.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MascotaDeHechos {
    pub id: MascotaId,
    /// Clave de la especie, como `perro`.
    pub especie: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raza: Option<String>,
    pub sexo: Sexo,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub esterilizado: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nacimiento: Option<Date>,
    /// La fecha de nacimiento es aproximada.
    pub nacimiento_estimado: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fallecida_en: Option<Date>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PesoDeHechos {
    pub id: PesoId,
    pub en: Timestamp,
    pub kg: f64,
    /// Condición corporal, de 1 a 9.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub condicion: Option<i16>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct VacunaDeHechos {
    pub id: HechoClinicoId,
    pub fecha: Date,
    pub producto: String,
    /// De qué protege. Vacío si no se sabe: una regla no debe contarla, y puede pedir que alguien la aclare.
    pub antigenos: Vec<String>,
    /// Los antígenos se deducen de su nombre por el catálogo de la cadena: nadie los anotó.
    pub por_nombre: bool,
    /// Se aplicó en otro lugar.
    pub anterior: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxima: Option<Date>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DesparasitacionDeHechos {
    pub id: HechoClinicoId,
    pub fecha: Date,
    pub producto: String,
    pub alcance: Alcance,
    pub activos: Vec<String>,
    pub anterior: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub proxima: Option<Date>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ProblemaDeHechos {
    pub id: HechoClinicoId,
    pub desde: Date,
    /// Cuándo se resolvió; ausente si sigue abierto.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hasta: Option<Date>,
    pub nombre: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub codigo: Option<String>,
    pub cronico: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AlergiaDeHechos {
    pub id: HechoClinicoId,
    pub desde: Date,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hasta: Option<Date>,
    /// Lo que la causa.
    pub a: String,
    pub sustancia: Sustancia,
    pub gravedad: Gravedad,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reaccion: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TratamientoDeHechos {
    pub id: HechoClinicoId,
    pub desde: Date,
    /// Su último día, previsto o cumplido; ausente si sigue hasta que alguien lo termine.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hasta: Option<Date>,
    /// Por qué lo terminó alguien, si lo terminó.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub motivo: Option<String>,
    pub farmaco: String,
    pub dosis: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cada_horas: Option<i32>,
}

/// Lo que una regla de alerta lee de una mascota. Todo, del más antiguo al más reciente; lo anulado no está. Una regla
/// recibe solo las listas que pidió.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Hechos {
    /// `hechos/v1`.
    pub esquema: String,
    pub mascota: MascotaDeHechos,
    #[serde(default)]
    pub pesos: Vec<PesoDeHechos>,
    #[serde(default)]
    pub vacunas: Vec<VacunaDeHechos>,
    #[serde(default)]
    pub desparasitaciones: Vec<DesparasitacionDeHechos>,
    #[serde(default)]
    pub problemas: Vec<ProblemaDeHechos>,
    #[serde(default)]
    pub alergias: Vec<AlergiaDeHechos>,
    #[serde(default)]
    pub tratamientos: Vec<TratamientoDeHechos>,
}

/// A line as it is read for many pets at once.
#[derive(Debug, Clone, Deserialize)]
pub struct LineaClinica {
    pub id: HechoClinicoId,
    pub detalle: DetalleClinico,
    pub titulo: String,
    pub fecha: Date,
    pub hasta: Option<Date>,
    pub hasta_motivo: Option<String>,
    pub proxima: Option<Date>,
    pub anterior: bool,
}

impl Hechos {
    pub fn new(mascota: MascotaDeHechos, pesos: Vec<PesoDeHechos>, lineas: Vec<LineaClinica>, nombres: &Nombres) -> Self {
        let mut hechos = Self {
            esquema: ESQUEMA.to_owned(),
            mascota,
            pesos,
            vacunas: Vec::new(),
            desparasitaciones: Vec::new(),
            problemas: Vec::new(),
            alergias: Vec::new(),
            tratamientos: Vec::new(),
        };
        lineas.into_iter().for_each(|linea| hechos.push(linea, nombres));
        hechos
    }

    fn push(&mut self, linea: LineaClinica, nombres: &Nombres) {
        let LineaClinica { id, detalle, titulo, fecha, hasta, hasta_motivo, proxima, anterior } = linea;
        match detalle {
            DetalleClinico::Vacuna(own) => {
                let por_nombre = if own.antigenos.is_none() { nombres.antigenos(&self.mascota.especie, &titulo) } else { None };
                let deducida = por_nombre.is_some();
                let antigenos = own.antigenos.or(por_nombre).unwrap_or_default();
                self.vacunas.push(VacunaDeHechos { id, fecha, producto: titulo, antigenos, por_nombre: deducida, anterior, proxima });
            }
            DetalleClinico::Desparasitacion(own) => {
                let (alcance, activos) = (own.alcance, own.activos);
                self.desparasitaciones.push(DesparasitacionDeHechos { id, fecha, producto: titulo, alcance, activos, anterior, proxima });
            }
            DetalleClinico::Problema(own) => {
                let (codigo, cronico) = (own.codigo, own.cronico);
                self.problemas.push(ProblemaDeHechos { id, desde: fecha, hasta, nombre: titulo, codigo, cronico });
            }
            DetalleClinico::Alergia(own) => {
                let DetalleAlergia { sustancia, gravedad, reaccion } = own;
                self.alergias.push(AlergiaDeHechos { id, desde: fecha, hasta, a: titulo, sustancia, gravedad, reaccion });
            }
            DetalleClinico::Tratamiento(own) => {
                let DetalleTratamiento { dosis, cada_horas, .. } = own;
                self.tratamientos.push(TratamientoDeHechos {
                    id,
                    desde: fecha,
                    hasta,
                    motivo: hasta_motivo,
                    farmaco: titulo,
                    dosis,
                    cada_horas,
                });
            }
        }
    }
}

/// The schema of the document, complete in itself.
pub fn esquema() -> Value {
    let mut parts = Vec::new();
    Hechos::schemas(&mut parts);
    let defs: serde_json::Map<String, Value> = parts.into_iter().map(|(name, schema)| (name, json!(schema))).collect();
    let mut root = json!(Hechos::schema());
    root["$schema"] = json!("https://json-schema.org/draft/2020-12/schema");
    root["$id"] = json!(format!("/api/v1/esquemas/{ESQUEMA}"));
    root["properties"]["esquema"] = json!({ "const": ESQUEMA });
    root["$defs"] = Value::Object(defs);
    let text = root.to_string().replace("#/components/schemas/", "#/$defs/");
    serde_json::from_str(&text).unwrap_or(root)
}

#[cfg(test)]
mod tests {
    use super::{super::vacuna::Catalogo, *};
    use jiff::civil::date;

    fn linea(detalle: DetalleClinico, titulo: &str) -> LineaClinica {
        LineaClinica {
            id: HechoClinicoId::new(),
            detalle,
            titulo: titulo.into(),
            fecha: date(2026, 1, 10),
            hasta: None,
            hasta_motivo: None,
            proxima: None,
            anterior: true,
        }
    }

    fn luna() -> MascotaDeHechos {
        MascotaDeHechos {
            id: MascotaId::new(),
            especie: "perro".into(),
            raza: None,
            sexo: Sexo::Hembra,
            esterilizado: None,
            nacimiento: None,
            nacimiento_estimado: false,
            fallecida_en: None,
        }
    }

    #[test]
    fn what_nobody_knows_protects_from_nothing() {
        let noted = DetalleVacuna { antigenos: Some(vec!["rabia".into()]), ..DetalleVacuna::default() };
        let lineas = vec![
            linea(DetalleClinico::Vacuna(noted), "La de siempre"),
            linea(DetalleClinico::Vacuna(DetalleVacuna::default()), "Séxtuple"),
        ];
        let hechos = Hechos::new(luna(), Vec::new(), lineas, &Catalogo::default().nombres());
        let known: Vec<_> = hechos.vacunas.iter().map(|one| (one.antigenos.len(), one.por_nombre)).collect();
        assert_eq!(known, [(1, false), (0, false)]);
    }

    #[test]
    fn a_document_fits_the_published_schema() {
        let validator = jsonschema::validator_for(&esquema()).expect("a schema");
        let detalle = DetalleTratamiento { dosis: "1 tableta".into(), cada_horas: Some(12), via: None };
        let hechos =
            Hechos::new(luna(), Vec::new(), vec![linea(DetalleClinico::Tratamiento(detalle), "Enalapril")], &Catalogo::default().nombres());
        let document = json!(hechos);
        assert!(validator.is_valid(&document), "{:#?}", validator.iter_errors(&document).map(|e| e.to_string()).collect::<Vec<_>>());
        let mut wrong = document.clone();
        wrong["tratamientos"][0]["dosis"] = json!(1);
        assert!(!validator.is_valid(&wrong));
        assert_eq!(serde_json::from_value::<Hechos>(document).expect("reads back"), hechos);
    }
}
