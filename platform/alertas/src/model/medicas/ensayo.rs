//! A rehearsal: what a rule would say with another version, another configuration or on other days, as a difference to what
//! it says today.
use super::{Afirmacion, Vigente};
use crate::{model::DatosRecordatorios, puertos::Gravedad};
use jiff::{Span, Timestamp, civil::Date};
use kernel::{
    FieldError,
    ids::{EnsayoId, MascotaId, SedeId},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use utoipa::ToSchema;
use uuid::Uuid;

/// Days that one rehearsal looks at.
const DIAS_MAX: usize = 60;
const PASO: i64 = 7;
/// How many days the last step of a ladder is of use.
const GRACIA: i32 = 14;

/// Qué se ensaya. Nada se escribe en las alertas.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NuevoEnsayo {
    /// El complemento instalado, como `pe.huella.vacunas`.
    #[schema(min_length = 1, max_length = 120)]
    pub complemento: String,
    /// Otra versión suya; la instalada si falta.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_length = 1, max_length = 100)]
    pub digest: Option<String>,
    /// Otra configuración; la de la instalación si falta.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub configuracion: Option<Value>,
    /// Para mirar atrás: el primer día. Cuenta lo que había ocurrido hasta cada día según su fecha clínica.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub desde: Option<Date>,
    /// El último día; hoy si falta.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hasta: Option<Date>,
    /// Días entre uno y otro; 7 si falta. A lo más 60 días en total.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(minimum = 1, maximum = 366)]
    pub paso_dias: Option<i64>,
    /// Solo las mascotas que se conocen en estas sedes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(min_items = 1, max_items = 200)]
    pub sedes: Option<Vec<SedeId>>,
}

/// A request as it is kept: what is done does not depend on when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct PedidoEnsayo {
    pub nuevo: NuevoEnsayo,
    pub hoy: Date,
    pub dias: Vec<Date>,
}

impl NuevoEnsayo {
    /// The days to look at, the last one always among them.
    pub fn revisar(self, hoy: Date) -> Result<PedidoEnsayo, Vec<FieldError>> {
        let hasta = self.hasta.unwrap_or(hoy);
        let desde = self.desde.unwrap_or(hasta);
        let latest = hoy.saturating_add(Span::new().days(366));
        let mut wrong = Vec::new();
        if desde > hasta {
            wrong.push(FieldError::new("/desde", "es posterior a «hasta»"));
        }
        if hasta > latest {
            wrong.push(FieldError::new("/hasta", "está a más de un año"));
        }
        if !self.configuracion.as_ref().is_none_or(Value::is_object) {
            wrong.push(FieldError::new("/configuracion", "debe ser un objeto"));
        }
        let step = Span::new().days(self.paso_dias.unwrap_or(PASO).clamp(1, 366));
        let mut dias: Vec<Date> =
            std::iter::successors(Some(desde), |day| day.checked_add(step).ok()).take_while(|day| *day < hasta).take(DIAS_MAX).collect();
        dias.push(hasta);
        if dias.len() > DIAS_MAX {
            wrong.push(FieldError::new("/paso_dias", "son más de 60 días: agrande el paso o acorte el período"));
        }
        if wrong.is_empty() { Ok(PedidoEnsayo { nuevo: self, hoy, dias }) } else { Err(wrong) }
    }
}

/// En qué está un ensayo.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum EstadoEnsayo {
    Pendiente,
    EnCurso,
    Terminado,
    Fallido,
}

/// Cuántas mascotas cambiarían por una regla.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConteoRegla {
    pub nuevas: i64,
    pub cambiadas: i64,
    pub desaparecen: i64,
    /// Las habría dado y se habrían resuelto antes del último día.
    pub pasajeras: i64,
    /// Las da hoy y las daría igual.
    pub iguales: i64,
}

/// What came of each rule.
pub type Resumen = BTreeMap<String, ConteoRegla>;

/// Un ensayo y lo que salió. Se guarda siete días.
#[derive(Debug, Serialize, ToSchema)]
pub struct Ensayo {
    pub id: EnsayoId,
    pub estado: EstadoEnsayo,
    /// Por qué falló.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detalle: Option<String>,
    pub pedido: NuevoEnsayo,
    /// Los días que se miran; el último decide qué cambia.
    pub dias: Vec<Date>,
    /// Mascotas por mirar y miradas.
    pub total: i32,
    pub vistas: i32,
    /// Mascotas para las que la regla no corrió: no están en los cambios.
    pub fallas: i32,
    /// Lo que salió de cada regla.
    pub reglas: Resumen,
    pub creado_en: Timestamp,
    pub creado_por: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub terminado_en: Option<Timestamp>,
}

/// Qué pasaría con una alerta.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[serde(rename_all = "snake_case")]
#[sqlx(type_name = "text", rename_all = "snake_case")]
pub enum CambioTipo {
    Nueva,
    Cambiada,
    Desaparece,
    Pasajera,
}

impl CambioTipo {
    pub fn clave(self) -> &'static str {
        match self {
            Self::Nueva => "nueva",
            Self::Cambiada => "cambiada",
            Self::Desaparece => "desaparece",
            Self::Pasajera => "pasajera",
        }
    }
}

/// Lo que cambiaría para una mascota.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct CambioEnsayo {
    pub mascota_id: MascotaId,
    pub mascota: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tutor: Option<String>,
    pub cambio: CambioTipo,
    pub regla: String,
    pub clave: String,
    /// Lo que dice hoy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub antes: Option<Dicha>,
    /// Lo que diría.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub despues: Option<Dicha>,
    /// El primer y el último de los días mirados en que la diría.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dicha_el: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dicha_hasta: Option<Date>,
    /// Qué día se le escribiría a su tutor por ella, por los pasos que la cadena puso a sus recordatorios, estén activos o no.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub aviso_el: Option<Date>,
}

/// Lo que dice una alerta, en breve.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Dicha {
    pub gravedad: Gravedad,
    pub titulo: String,
    pub detalle: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub vence: Option<Date>,
}

impl From<&Vigente> for Dicha {
    fn from(one: &Vigente) -> Self {
        Self { gravedad: one.gravedad, titulo: one.titulo.clone(), detalle: one.detalle.clone(), vence: one.vence }
    }
}

impl From<&Afirmacion> for Dicha {
    fn from(one: &Afirmacion) -> Self {
        Self { gravedad: one.gravedad, titulo: one.titulo.clone(), detalle: one.detalle.clone(), vence: one.vence }
    }
}

/// A line of the difference, as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Dichas {
    pub cambio: CambioTipo,
    pub regla: String,
    pub clave: String,
    pub antes: Option<Value>,
    pub despues: Option<Value>,
    pub dicha_el: Option<Date>,
    pub dicha_hasta: Option<Date>,
    pub aviso_el: Option<Date>,
}

/// What the rule would have said on each day, the last one last, against what it says today. By key, so that the same
/// always gives the same. `escalera`: the chain's own, by which owners are written to.
pub fn ensayar(
    vigentes: &[Vigente],
    dias: &[(Date, Vec<Afirmacion>)],
    hoy: Date,
    escalera: &DatosRecordatorios,
    resumen: &mut Resumen,
) -> Vec<Dichas> {
    let mut said: BTreeMap<&str, (Date, Date, &Afirmacion)> = BTreeMap::new();
    for (day, all) in dias {
        for one in all {
            said.entry(&one.clave).and_modify(|known| (known.1, known.2) = (*day, one)).or_insert((*day, *day, one));
        }
    }
    let last = dias.last().map(|(day, _)| *day);
    let known: BTreeMap<&str, &Vigente> = vigentes.iter().map(|one| (one.clave.as_str(), one)).collect();
    let mut lines = Vec::new();
    for (clave, (first, until, afirmacion)) in &said {
        let cambio = match (known.get(clave), Some(*until) == last) {
            (Some(vigente), true) if vigente.callada && vigente.calla(afirmacion, hoy) => None,
            (Some(vigente), true) if !vigente.callada && vigente.dice(afirmacion) => None,
            (Some(vigente), true) if !vigente.callada => Some(CambioTipo::Cambiada),
            (_, true) => Some(CambioTipo::Nueva),
            (Some(vigente), false) if !vigente.callada => Some(CambioTipo::Desaparece),
            (_, false) => Some(CambioTipo::Pasajera),
        };
        count(resumen, &afirmacion.regla, cambio);
        if let Some(cambio) = cambio {
            let antes = known.get(clave).filter(|one| !one.callada);
            lines.push(line(cambio, afirmacion, antes.copied(), (*first, *until), escalera.pasos_de(&afirmacion.regla)));
        }
    }
    for vigente in vigentes.iter().filter(|one| !one.callada && !said.contains_key(one.clave.as_str())) {
        count(resumen, &vigente.regla, Some(CambioTipo::Desaparece));
        lines.push(gone(vigente));
    }
    lines.sort_by(|a, b| a.clave.cmp(&b.clave));
    lines
}

fn line(cambio: CambioTipo, afirmacion: &Afirmacion, antes: Option<&Vigente>, (first, until): (Date, Date), pasos: &[i32]) -> Dichas {
    // What comes and goes is written about only while it is said.
    let last = if cambio == CambioTipo::Pasajera { until } else { Date::MAX };
    Dichas {
        cambio,
        regla: afirmacion.regla.clone(),
        clave: afirmacion.clave.clone(),
        antes: antes.map(|one| json!(Dicha::from(one))),
        despues: (cambio != CambioTipo::Desaparece).then(|| json!(Dicha::from(afirmacion))),
        dicha_el: Some(first),
        dicha_hasta: Some(until),
        aviso_el: aviso_el(first, afirmacion.vence, pasos).filter(|day| cambio != CambioTipo::Desaparece && *day <= last),
    }
}

/// When an owner is written to about something that is said since a day: at once if a step has come, else at the first one.
/// Nobody is written to about what has no date, or is long over.
fn aviso_el(dicha: Date, vence: Option<Date>, pasos: &[i32]) -> Option<Date> {
    let day = |paso: i32| vence?.checked_add(Span::new().days(i64::from(paso))).ok();
    match pasos.iter().copied().rfind(|paso| day(*paso).is_some_and(|day| day <= dicha)) {
        None => day(*pasos.first()?),
        Some(paso) if pasos.last() == Some(&paso) && day(paso + GRACIA)? < dicha => None,
        Some(_) => Some(dicha),
    }
}

fn gone(vigente: &Vigente) -> Dichas {
    Dichas {
        cambio: CambioTipo::Desaparece,
        regla: vigente.regla.clone(),
        clave: vigente.clave.clone(),
        antes: Some(json!(Dicha::from(vigente))),
        despues: None,
        dicha_el: None,
        dicha_hasta: None,
        aviso_el: None,
    }
}

fn count(resumen: &mut Resumen, regla: &str, cambio: Option<CambioTipo>) {
    let conteo = match resumen.get_mut(regla) {
        Some(conteo) => conteo,
        None => resumen.entry(regla.to_owned()).or_default(),
    };
    *match cambio {
        None => &mut conteo.iguales,
        Some(CambioTipo::Nueva) => &mut conteo.nuevas,
        Some(CambioTipo::Cambiada) => &mut conteo.cambiadas,
        Some(CambioTipo::Desaparece) => &mut conteo.desaparecen,
        Some(CambioTipo::Pasajera) => &mut conteo.pasajeras,
    } += 1;
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use kernel::ids::AlertaId;
    use rstest::rstest;

    const HOY: Date = date(2026, 3, 2);

    fn pedido(desde: Option<Date>, hasta: Option<Date>, paso_dias: Option<i64>) -> NuevoEnsayo {
        let complemento = "pe.huella.vacunas".to_owned();
        NuevoEnsayo { complemento, digest: None, configuracion: None, desde, hasta, paso_dias, sedes: None }
    }

    #[rstest]
    #[case::today(pedido(None, None, None), Ok(vec![HOY]))]
    #[case::weekly_and_the_last_day(pedido(Some(date(2026, 2, 12)), None, None), Ok(vec![date(2026, 2, 12), date(2026, 2, 19), date(2026, 2, 26), HOY]))]
    #[case::daily(pedido(Some(date(2026, 2, 28)), Some(date(2026, 3, 1)), Some(1)), Ok(vec![date(2026, 2, 28), date(2026, 3, 1)]))]
    #[case::ahead(pedido(None, Some(date(2026, 4, 1)), None), Ok(vec![date(2026, 4, 1)]))]
    #[case::backwards(pedido(Some(date(2026, 4, 1)), None, None), Err("/desde"))]
    #[case::too_many(pedido(Some(date(2020, 1, 1)), None, None), Err("/paso_dias"))]
    #[case::too_far(pedido(None, Some(date(2028, 1, 1)), None), Err("/hasta"))]
    #[case::odd(NuevoEnsayo { configuracion: Some(json!(1)), ..pedido(None, None, None) }, Err("/configuracion"))]
    fn which_days(#[case] nuevo: NuevoEnsayo, #[case] expected: Result<Vec<Date>, &str>) {
        let days = nuevo.revisar(HOY).map(|pedido| pedido.dias).map_err(|wrong| wrong[0].pointer.to_string());
        assert_eq!(days, expected.map_err(str::to_owned));
    }

    fn said(clave: &str, titulo: &str) -> Afirmacion {
        Afirmacion {
            regla: "r".into(),
            clave: clave.into(),
            gravedad: Gravedad::Info,
            titulo: titulo.into(),
            detalle: String::new(),
            vence: Some(HOY),
            evidencia: Vec::new(),
            hechos: Vec::new(),
            sugiere_bloquear: false,
        }
    }

    fn stored(clave: &str, callada: bool) -> Vigente {
        Vigente {
            id: AlertaId(Uuid::nil()),
            complemento: "c".into(),
            clave: clave.into(),
            regla: "r".into(),
            gravedad: Gravedad::Info,
            titulo: "hoy".into(),
            detalle: String::new(),
            vence: Some(HOY),
            hechos: Vec::new(),
            sugiere_bloquear: false,
            callada,
            callada_hasta: None,
        }
    }

    #[rstest]
    #[case::no_date("2026-03-02", None, None)]
    #[case::far_ahead("2026-03-02", Some("2026-06-30"), Some("2026-05-31"))]
    #[case::a_step_has_come("2026-03-02", Some("2026-03-20"), Some("2026-03-02"))]
    #[case::long_over("2026-03-02", Some("2026-01-16"), None)]
    #[case::just_of_use("2026-03-02", Some("2026-01-17"), Some("2026-03-02"))]
    fn when_somebody_is_written_to(#[case] dicha: &str, #[case] vence: Option<&str>, #[case] expected: Option<&str>) {
        let date = |text: &str| text.parse::<Date>().expect("a date");
        assert_eq!(aviso_el(date(dicha), vence.map(date), &DatosRecordatorios::default().pasos), expected.map(date));
    }

    #[test]
    fn each_alert_is_one_line_of_the_difference() {
        let vigentes =
            [stored("igual", false), stored("otra", false), stored("nunca", false), stored("antes", false), stored("callada", true)];
        let first = date(2026, 2, 23);
        let dias = [
            (first, vec![said("antes", "x"), said("breve", "x"), said("otra", "x")]),
            (HOY, vec![said("igual", "hoy"), said("otra", "y"), said("nueva", "x"), said("callada", "x")]),
        ];
        let mut resumen = Resumen::new();
        let lines = ensayar(&vigentes, &dias, HOY, &DatosRecordatorios::default(), &mut resumen);
        let told: Vec<_> = lines.iter().map(|one| (one.clave.as_str(), one.cambio, one.dicha_el, one.aviso_el)).collect();
        assert_eq!(
            told,
            [
                ("antes", CambioTipo::Desaparece, Some(first), None),
                ("breve", CambioTipo::Pasajera, Some(first), Some(first)),
                ("nueva", CambioTipo::Nueva, Some(HOY), Some(HOY)),
                ("nunca", CambioTipo::Desaparece, None, None),
                ("otra", CambioTipo::Cambiada, Some(first), Some(first)),
            ]
        );
        assert_eq!(resumen["r"], ConteoRegla { nuevas: 1, cambiadas: 1, desaparecen: 2, pasajeras: 1, iguales: 2 });
    }
}
