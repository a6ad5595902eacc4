//! Requests of people about their data: which right, until when, and how they end.
use super::{derecho::Derecho, plazo::Plazo};
use crate::problemas::{AMPLIACION_IMPOSIBLE, SOLICITUD_CERRADA};
use jiff::{Timestamp, ToSpan, civil::Date};
use kernel::{FieldError, Problem, ids::TutorId, version::HasVersion};
use pacientes::{Canal, Finalidad};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;
use uuid::Uuid;

/// Cómo se comprobó que es quien dice ser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
#[schema(as = PruebaDeIdentidad)]
pub enum Identidad {
    /// Mostró su documento.
    Documento,
    FirmaDigital,
    /// Respondió desde el correo o el teléfono que la cadena ya conocía.
    ContactoConocido,
    /// Vino un representante con poder.
    Poder,
}

/// En qué está una solicitud.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, sqlx::Type, ToSchema)]
#[sqlx(type_name = "text", rename_all = "snake_case")]
#[serde(rename_all = "snake_case")]
pub enum EstadoSolicitud {
    /// Su plazo corre.
    Recibida,
    /// Le falta algo, como probar la identidad: el plazo no corre.
    Observada,
    Atendida,
    Denegada,
}

/// Quién pide y qué.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PedidoDeDatos)]
pub struct Pedido {
    /// Nombre de quien pide.
    #[schema(min_length = 1, max_length = 200, format = "texto")]
    pub nombre: String,
    /// Adónde responderle.
    #[schema(min_length = 1, max_length = 254, format = "texto")]
    pub contacto: Option<String>,
    /// Lo que pide, con sus palabras.
    #[schema(min_length = 1, max_length = 4000, format = "texto")]
    pub detalle: String,
}

/// Anota una solicitud sobre datos personales.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NuevaSolicitudDeDatos)]
pub struct NuevaSolicitud {
    pub derecho: Derecho,
    pub canal: Canal,
    /// El tutor cuyos datos son, si se sabe.
    pub tutor_id: Option<TutorId>,
    /// Sin esto la solicitud queda observada y su plazo no corre.
    pub identidad: Option<Identidad>,
    pub pedido: Pedido,
    /// El día en que llegó; hoy si falta.
    pub recibida_el: Option<Date>,
}

/// Una solicitud sobre datos personales.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[schema(as = SolicitudDeDatos)]
pub struct Solicitud {
    pub id: Uuid,
    /// El número con el que se la nombra, correlativo en la cadena.
    pub numero: i32,
    pub derecho: Derecho,
    pub canal: Canal,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tutor_id: Option<TutorId>,
    pub estado: EstadoSolicitud,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub identidad: Option<Identidad>,
    /// Ausente cuando venció el tiempo por el que se guarda.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pedido: Option<Pedido>,
    pub recibida_el: Date,
    /// Último día para responder; ausente mientras está observada.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vence_el: Option<Date>,
    /// Su plazo pasó sin respuesta, o la respuesta llegó tarde.
    pub fuera_de_plazo: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ampliacion_motivo: Option<String>,
    /// Lo que le falta.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observacion: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub respondida_en: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub respuesta: Option<String>,
    /// Se entregó una copia de su expediente, que se puede volver a leer.
    pub con_expediente: bool,
    pub version: i32,
    /// From this day on somebody is told that the term runs out.
    #[serde(skip)]
    pub aviso_el: Option<Date>,
}

impl HasVersion for Solicitud {
    fn version(&self) -> i32 {
        self.version
    }
}

/// Observa una solicitud: dice qué le falta.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = ObservacionSolicitud)]
pub struct Observacion {
    #[schema(min_length = 1, max_length = 2000, format = "texto")]
    pub observacion: String,
}

/// Lo que faltaba llegó.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SubsanacionSolicitud)]
pub struct Subsanacion {
    pub identidad: Identidad,
    /// El tutor cuyos datos son, si recién se sabe.
    pub tutor_id: Option<TutorId>,
}

/// Amplía el plazo de una solicitud, una sola vez.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AmpliacionSolicitud)]
pub struct Ampliacion {
    /// Lo que justifica la ampliación; se le comunica a la persona.
    #[schema(min_length = 10, max_length = 1000, format = "texto")]
    pub motivo: String,
}

/// Cómo termina una solicitud.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ResultadoSolicitud)]
pub enum Resultado {
    Atendida,
    Denegada,
}

/// Responde una solicitud.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RespuestaSolicitud)]
pub struct Respuesta {
    pub resultado: Resultado,
    /// Lo que se le dice a la persona; si se deniega, por qué.
    #[schema(min_length = 1, max_length = 4000, format = "texto")]
    pub respuesta: String,
    /// En una oposición: para qué se dejan de usar sus datos. Queda en su registro de consentimientos.
    #[serde(default)]
    #[schema(max_items = 5)]
    pub finalidades: Vec<Finalidad>,
}

/// What granting a request does.
#[derive(Debug, PartialEq, Eq)]
pub enum Efecto {
    Ninguno,
    Entregar(TutorId),
    Olvidar(TutorId),
    Retirar(TutorId, Vec<Finalidad>),
}

impl NuevaSolicitud {
    pub fn check(&self, hoy: Date) -> Vec<FieldError> {
        let wrong = self.recibida_el.filter(|day| *day > hoy || *day < hoy.saturating_sub(90.days()));
        wrong.map(|_| FieldError::new("/recibida_el", "debe ser de los últimos 90 días, hoy a más tardar")).into_iter().collect()
    }

    pub fn abrir(self, numero: i32, hoy: Date, feriados: &BTreeSet<Date>) -> Solicitud {
        let recibida_el = self.recibida_el.unwrap_or(hoy);
        let mut solicitud = Solicitud {
            id: Uuid::now_v7(),
            numero,
            derecho: self.derecho,
            canal: self.canal,
            tutor_id: self.tutor_id,
            estado: EstadoSolicitud::Observada,
            identidad: self.identidad,
            pedido: Some(self.pedido),
            recibida_el,
            vence_el: None,
            fuera_de_plazo: false,
            ampliacion_motivo: None,
            observacion: None,
            respondida_en: None,
            respuesta: None,
            con_expediente: false,
            version: 1,
            aviso_el: None,
        };
        match self.identidad {
            Some(_) => solicitud.correr(recibida_el, 1, feriados),
            None => solicitud.observacion = Some("Falta comprobar la identidad.".into()),
        }
        solicitud.fuera_de_plazo = solicitud.is_late(hoy);
        solicitud
    }
}

impl Solicitud {
    fn is_late(&self, hoy: Date) -> bool {
        self.vence_el.is_some_and(|vence| hoy > vence)
    }

    /// As it stands on a day; one that was answered stands as it was then.
    pub fn al(mut self, hoy: Date) -> Self {
        self.fuera_de_plazo = self.is_late(self.respondida_en.map_or(hoy, super::plazo::hoy));
        self
    }

    fn correr(&mut self, desde: Date, veces: i32, feriados: &BTreeSet<Date>) {
        let plazo = Plazo::desde(desde, self.derecho.dias() * veces, feriados);
        (self.estado, self.vence_el, self.aviso_el) = (EstadoSolicitud::Recibida, Some(plazo.vence), Some(plazo.aviso));
    }

    fn exige(&self, estados: &[EstadoSolicitud]) -> Result<(), Problem> {
        if estados.contains(&self.estado) { Ok(()) } else { Err(Problem::new(SOLICITUD_CERRADA).with("estado", self.estado)) }
    }

    /// The clock stands still until what is missing has come.
    pub fn observar(&mut self, observacion: String) -> Result<(), Problem> {
        self.exige(&[EstadoSolicitud::Recibida])?;
        (self.estado, self.vence_el, self.aviso_el) = (EstadoSolicitud::Observada, None, None);
        self.observacion = Some(observacion);
        Ok(())
    }

    /// The term is counted anew, from the day on which the request is whole.
    pub fn subsanar(&mut self, subsanacion: &Subsanacion, hoy: Date, feriados: &BTreeSet<Date>) -> Result<(), Problem> {
        self.exige(&[EstadoSolicitud::Observada])?;
        self.identidad = Some(subsanacion.identidad);
        self.tutor_id = subsanacion.tutor_id.or(self.tutor_id);
        self.observacion = None;
        self.correr(hoy, 1, feriados);
        Ok(())
    }

    /// Once, within the term, counted on from its end.
    pub fn ampliar(&mut self, motivo: String, hoy: Date, feriados: &BTreeSet<Date>) -> Result<(), Problem> {
        self.exige(&[EstadoSolicitud::Recibida])?;
        let no = |why: &'static str| Err(Problem::new(AMPLIACION_IMPOSIBLE).detail(why));
        let Some(vence) = self.vence_el else { return no("El plazo no corre.") };
        if !self.derecho.ampliable() {
            return no("El derecho de información no admite ampliación.");
        }
        if self.ampliacion_motivo.is_some() {
            return no("Ya se amplió una vez.");
        }
        if hoy > vence {
            return no("El plazo ya venció.");
        }
        self.correr(vence, 1, feriados);
        self.ampliacion_motivo = Some(motivo);
        Ok(())
    }

    /// What has to be done with the answer; all faults of the answer at once.
    pub fn responder(&mut self, respuesta: &Respuesta, now: Timestamp) -> Result<Efecto, Problem> {
        let granted = respuesta.resultado == Resultado::Atendida;
        self.exige(if granted { &[EstadoSolicitud::Recibida] } else { &[EstadoSolicitud::Recibida, EstadoSolicitud::Observada] })?;
        let objects = granted && self.derecho == Derecho::Oposicion;
        let mut errors = Vec::new();
        if objects && respuesta.finalidades.is_empty() {
            errors.push(FieldError::new("/finalidades", "una oposición dice para qué se dejan de usar los datos"));
        }
        if !objects && !respuesta.finalidades.is_empty() {
            errors.push(FieldError::new("/finalidades", "solo al atender una oposición"));
        }
        if granted && self.derecho.de_alguien() && self.tutor_id.is_none() {
            errors.push(FieldError::new("/resultado", "no se sabe de qué tutor son los datos: obsérvela o deniéguela"));
        }
        Problem::check(errors)?;
        self.estado = if granted { EstadoSolicitud::Atendida } else { EstadoSolicitud::Denegada };
        (self.respondida_en, self.respuesta) = (Some(now), Some(respuesta.respuesta.clone()));
        Ok(match (granted, self.derecho, self.tutor_id) {
            (true, Derecho::Acceso | Derecho::Portabilidad, Some(tutor)) => Efecto::Entregar(tutor),
            (true, Derecho::Cancelacion, Some(tutor)) => Efecto::Olvidar(tutor),
            (true, Derecho::Oposicion, Some(tutor)) => Efecto::Retirar(tutor, respuesta.finalidades.clone()),
            _ => Efecto::Ninguno,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use rstest::rstest;

    const HOY: Date = date(2026, 3, 2);

    fn solicitud(derecho: Derecho, identidad: Option<Identidad>, tutor_id: Option<TutorId>) -> Solicitud {
        let pedido = Pedido { nombre: "Ana".into(), contacto: None, detalle: "Mis datos".into() };
        NuevaSolicitud { derecho, canal: Canal::Presencial, tutor_id, identidad, pedido, recibida_el: None }.abrir(1, HOY, &BTreeSet::new())
    }
    fn respuesta(resultado: Resultado, finalidades: Vec<Finalidad>) -> Respuesta {
        Respuesta { resultado, respuesta: "Listo".into(), finalidades }
    }

    #[rstest]
    #[case(Derecho::Informacion, date(2026, 3, 12))]
    #[case(Derecho::Acceso, date(2026, 3, 30))]
    #[case(Derecho::Rectificacion, date(2026, 3, 16))]
    #[case(Derecho::Cancelacion, date(2026, 3, 16))]
    #[case(Derecho::Oposicion, date(2026, 3, 16))]
    #[case(Derecho::Portabilidad, date(2026, 3, 16))]
    fn each_right_has_its_term(#[case] derecho: Derecho, #[case] vence: Date) {
        let one = solicitud(derecho, Some(Identidad::Documento), None);
        assert_eq!((one.estado, one.vence_el), (EstadoSolicitud::Recibida, Some(vence)));
        assert!(!one.clone().al(vence).fuera_de_plazo && one.al(vence.saturating_add(1.day())).fuera_de_plazo);
    }

    #[test]
    fn the_clock_stands_until_it_is_known_who_asks() {
        let mut one = solicitud(Derecho::Acceso, None, None);
        assert_eq!((one.estado, one.vence_el), (EstadoSolicitud::Observada, None));
        assert!(one.responder(&respuesta(Resultado::Atendida, vec![]), Timestamp::UNIX_EPOCH).is_err());
        let known = Subsanacion { identidad: Identidad::Documento, tutor_id: None };
        one.subsanar(&known, date(2026, 3, 9), &BTreeSet::new()).expect("whole now");
        assert_eq!(one.vence_el, Some(date(2026, 4, 6)), "counted from the day on which it was whole");
        assert!(one.subsanar(&known, HOY, &BTreeSet::new()).is_err());
    }

    #[rstest]
    #[case::access_doubles(Derecho::Acceso, HOY, Some(date(2026, 4, 27)))]
    #[case::on_the_last_day(Derecho::Oposicion, date(2026, 3, 16), Some(date(2026, 3, 30)))]
    #[case::too_late(Derecho::Oposicion, date(2026, 3, 17), None)]
    #[case::never(Derecho::Informacion, HOY, None)]
    fn a_term_is_extended_once(#[case] derecho: Derecho, #[case] hoy: Date, #[case] vence: Option<Date>) {
        let mut one = solicitud(derecho, Some(Identidad::Documento), None);
        let before = one.vence_el;
        let done = one.ampliar("Hay que buscar en archivos antiguos".into(), hoy, &BTreeSet::new());
        assert_eq!((done.is_ok(), one.vence_el), (vence.is_some(), vence.or(before)));
        assert!(one.ampliar("Otra vez, por favor".into(), hoy, &BTreeSet::new()).is_err());
    }

    #[rstest]
    #[case::access(Derecho::Acceso, true, vec![], true)]
    #[case::access_of_nobody(Derecho::Acceso, false, vec![], false)]
    #[case::to_be_told_needs_nobody(Derecho::Informacion, false, vec![], true)]
    #[case::objecting_to_nothing(Derecho::Oposicion, true, vec![], false)]
    #[case::objecting(Derecho::Oposicion, true, vec![Finalidad::Marketing], true)]
    #[case::purposes_elsewhere(Derecho::Cancelacion, true, vec![Finalidad::Marketing], false)]
    fn what_can_be_granted(#[case] derecho: Derecho, #[case] known: bool, #[case] finalidades: Vec<Finalidad>, #[case] may: bool) {
        let mut one = solicitud(derecho, Some(Identidad::Documento), known.then(TutorId::new));
        assert_eq!(one.responder(&respuesta(Resultado::Atendida, finalidades), Timestamp::UNIX_EPOCH).is_ok(), may);
        assert_eq!(one.estado == EstadoSolicitud::Atendida, may);
    }

    #[test]
    fn what_is_refused_changes_nothing_else() {
        let mut one = solicitud(Derecho::Cancelacion, Some(Identidad::Documento), Some(TutorId::new()));
        let effect = one.responder(&respuesta(Resultado::Denegada, vec![]), Timestamp::UNIX_EPOCH).expect("refused");
        assert_eq!((effect, one.estado), (Efecto::Ninguno, EstadoSolicitud::Denegada));
        assert!(one.observar("Tarde".into()).is_err());
    }

    #[rstest]
    #[case(Some(HOY), true)]
    #[case(Some(date(2026, 3, 3)), false)]
    #[case(Some(date(2025, 11, 1)), false)]
    fn it_came_lately(#[case] recibida_el: Option<Date>, #[case] may: bool) {
        let pedido = Pedido { nombre: "Ana".into(), contacto: None, detalle: "Mis datos".into() };
        let (derecho, canal) = (Derecho::Acceso, Canal::Correo);
        assert_eq!(NuevaSolicitud { derecho, canal, tutor_id: None, identidad: None, pedido, recibida_el }.check(HOY).is_empty(), may);
    }
}
