//! The ladder of reminders: which step is due, of what, and what goes along in the same message.
use jiff::{
    ToSpan,
    civil::{Date, Time},
};
use kernel::{
    FieldError,
    ids::{MascotaId, SedeId, TutorId},
    version::HasVersion,
};
use pacientes::Medio;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use utoipa::ToSchema;
use uuid::Uuid;

/// So many days after the last step it is still of use; then nobody is reminded any more.
const GRACIA: i32 = 14;

/// Lo que es distinto para las reglas cuyo nombre empieza así.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReglaDeRecordatorio {
    #[schema(min_length = 1, max_length = 120, format = "texto", example = "vacuna.rabia")]
    pub prefijo: String,
    /// `false`: no se recuerdan.
    #[serde(default = "si")]
    pub activa: bool,
    /// Ausente: los de todas.
    #[schema(min_items = 1, max_items = 8)]
    pub pasos: Option<Vec<i32>>,
}

/// Cómo se recuerda a los tutores lo que toca a sus mascotas.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DatosAjustesRecordatorios)]
pub struct DatosRecordatorios {
    #[serde(default)]
    pub activo: bool,
    /// Cuándo: días después del vencimiento; los negativos, antes.
    #[serde(default = "pasos")]
    #[schema(min_items = 1, max_items = 8, example = json!([-30, -7, 0, 30]))]
    pub pasos: Vec<i32>,
    /// Lo que toca dentro de tantos días va en el mismo mensaje.
    #[serde(default = "semana")]
    #[schema(minimum = 0, maximum = 60)]
    pub agrupar_dias: i32,
    /// Desde qué hora salen, en la zona de la sede; nunca en las horas de silencio.
    #[serde(default = "diez")]
    #[schema(format = "hora", example = "10:00")]
    pub hora: String,
    /// Cuántos días después del envío una cita cuenta como lograda por él.
    #[serde(default = "mes")]
    #[schema(minimum = 1, maximum = 180)]
    pub conversion_dias: i32,
    #[serde(default)]
    #[schema(max_items = 50)]
    pub reglas: Vec<ReglaDeRecordatorio>,
}

fn si() -> bool {
    true
}
fn pasos() -> Vec<i32> {
    vec![-30, -7, 0, 30]
}
fn semana() -> i32 {
    7
}
fn diez() -> String {
    "10:00".into()
}
fn mes() -> i32 {
    30
}

/// What a chain has that set nothing: it reminds nobody until it says so.
impl Default for DatosRecordatorios {
    fn default() -> Self {
        Self { activo: false, pasos: pasos(), agrupar_dias: semana(), hora: diez(), conversion_dias: mes(), reglas: Vec::new() }
    }
}

/// Los ajustes de los recordatorios de una cadena.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = AjustesRecordatorios)]
pub struct AjustesRecordatorios {
    #[serde(flatten)]
    pub datos: DatosRecordatorios,
    pub version: i32,
}

impl HasVersion for AjustesRecordatorios {
    fn version(&self) -> i32 {
        self.version
    }
}

/// Por qué canales prefiere un tutor que se le escriba.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = DatosPreferencia)]
pub struct DatosPreferencia {
    /// En orden; una lista vacía: por ninguno. Ausente: como la cadena.
    #[schema(max_items = 3, inline)]
    pub canales: Option<Vec<Medio>>,
}

/// Por qué canales prefiere un tutor que se le escriba.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = PreferenciaDeCanales)]
pub struct Preferencia {
    /// Ausente: como la cadena.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(inline)]
    pub canales: Option<Vec<Medio>>,
    pub version: i32,
}

impl HasVersion for Preferencia {
    fn version(&self) -> i32 {
        self.version
    }
}

/// An open alert with a due date, of a living pet, and who is told of it.
#[derive(Debug, Clone)]
pub struct Pendiente {
    pub alerta: Uuid,
    pub mascota: MascotaId,
    pub nombre: String,
    pub tutor: TutorId,
    pub sede: Option<SedeId>,
    pub complemento: String,
    pub regla: String,
    pub clave: String,
    pub titulo: String,
    pub vence: Date,
    /// The pet has an appointment: it can be done there.
    pub con_cita: bool,
}

/// A step that was taken: of what, until when it was due, and which.
pub type Tomado = (MascotaId, String, String, Date, i32);

impl Pendiente {
    pub fn tomado(&self, paso: i32) -> Tomado {
        (self.mascota, self.complemento.clone(), self.clave.clone(), self.vence, paso)
    }
    fn dia(&self, paso: i32) -> Option<Date> {
        self.vence.checked_add(i64::from(paso).days()).ok()
    }
}

impl DatosRecordatorios {
    /// What the schema cannot say, with the steps in order.
    pub fn check(mut self) -> Result<Self, Vec<FieldError>> {
        let mut errors = Vec::new();
        if Time::strptime("%H:%M", &self.hora).is_err() {
            errors.push(FieldError::new("/hora", "debe ser una hora como 10:00"));
        }
        errors.extend(ordenar("/pasos".into(), &mut self.pasos));
        for index in 0..self.reglas.len() {
            let twice = self.reglas[..index].iter().any(|other| other.prefijo == self.reglas[index].prefijo);
            errors.extend(twice.then(|| FieldError::new(format!("/reglas/{index}/prefijo"), "está repetido")));
            if let Some(pasos) = &mut self.reglas[index].pasos {
                errors.extend(ordenar(format!("/reglas/{index}/pasos"), pasos));
            }
        }
        if errors.is_empty() { Ok(self) } else { Err(errors) }
    }

    pub fn desde(&self) -> Time {
        Time::strptime("%H:%M", &self.hora).unwrap_or_default()
    }

    /// Due dates further away than these many days (behind, ahead) concern nobody today.
    pub fn alcance(&self) -> (i32, i32) {
        let all = || self.reglas.iter().filter_map(|regla| regla.pasos.as_ref()).chain([&self.pasos]).flatten().copied();
        (all().max().unwrap_or(0) + GRACIA, self.agrupar_dias - all().min().unwrap_or(0))
    }

    /// The steps of a rule: those of the longest prefix that says something of it.
    pub fn pasos_de(&self, regla: &str) -> &[i32] {
        let special = self.reglas.iter().filter(|one| regla.starts_with(&one.prefijo)).max_by_key(|one| one.prefijo.len());
        match special {
            Some(one) if !one.activa => &[],
            Some(one) => one.pasos.as_deref().unwrap_or(&self.pasos),
            None => &self.pasos,
        }
    }

    /// The step in which an alert is today. Who was not reached in time hears of the step of today and of none before.
    pub fn paso(&self, pendiente: &Pendiente, hoy: Date) -> Option<i32> {
        let pasos = self.pasos_de(&pendiente.regla);
        let paso = pasos.iter().copied().rfind(|paso| pendiente.dia(*paso).is_some_and(|dia| dia <= hoy))?;
        let is_last = pasos.last() == Some(&paso);
        let over = is_last && pendiente.dia(paso + GRACIA).is_none_or(|dia| dia < hoy);
        (!over).then_some(paso)
    }

    /// What is to be said to one owner today, of all that is open: nothing, or all that is due and what is soon.
    pub fn debidos<'a>(&self, pendientes: &'a [Pendiente], tomados: &HashSet<Tomado>, hoy: Date) -> Vec<(&'a Pendiente, i32)> {
        let libres = || pendientes.iter().filter(|pendiente| !pendiente.con_cita);
        let mut due: Vec<_> = libres()
            .filter_map(|pendiente| Some((pendiente, self.paso(pendiente, hoy)?)))
            .filter(|(pendiente, paso)| !tomados.contains(&pendiente.tomado(*paso)))
            .collect();
        if due.is_empty() {
            return due;
        }
        let until = hoy.checked_add(i64::from(self.agrupar_dias).days()).unwrap_or(hoy);
        let soon = libres().filter(|pendiente| !due.iter().any(|(other, _)| other.alerta == pendiente.alerta)).filter_map(|pendiente| {
            let next = self.pasos_de(&pendiente.regla).iter().copied().find(|paso| pendiente.dia(*paso).is_some_and(|dia| dia > hoy))?;
            (pendiente.dia(next)? <= until && !tomados.contains(&pendiente.tomado(next))).then_some((pendiente, next))
        });
        let soon: Vec<_> = soon.collect();
        due.extend(soon);
        due.sort_by(|(a, _), (b, _)| (a.vence, &a.nombre, a.alerta).cmp(&(b.vence, &b.nombre, b.alerta)));
        due
    }
}

/// In order; what is wrong with them.
fn ordenar(pointer: String, pasos: &mut [i32]) -> Option<FieldError> {
    pasos.sort_unstable();
    let detail = match pasos {
        _ if pasos.iter().any(|paso| !(-365..=365).contains(paso)) => "cada paso está entre -365 y 365 días",
        _ if pasos.windows(2).any(|two| two[0] == two[1]) => "tiene uno repetido",
        _ => return None,
    };
    Some(FieldError::new(pointer, detail))
}

/// Un recordatorio que va a salir, o por qué no.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Previsto {
    /// Qué día, en la zona de la sede.
    pub fecha: Date,
    pub tutor_id: TutorId,
    pub tutor: String,
    pub mascota_id: MascotaId,
    pub mascota: String,
    pub alerta_id: Uuid,
    pub regla: String,
    pub titulo: String,
    pub vence: Date,
    /// Días después del vencimiento.
    pub paso: i32,
    /// Los que tienen el mismo van en un mensaje.
    pub mensaje: u32,
    /// Por dónde, como está hoy; ausente: no sale.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(inline)]
    pub canal: Option<Medio>,
    /// Por qué no sale.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub motivo: Option<String>,
}

/// Qué se logró con un paso de una regla por un canal.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Conversion {
    pub regla: String,
    pub paso: i32,
    #[schema(inline)]
    pub canal: Medio,
    pub enviados: i64,
    pub entregados: i64,
    pub leidos: i64,
    /// Con una cita reservada después, dentro de los días de los ajustes.
    pub reservados: i64,
    /// Que además vinieron.
    pub atendidos: i64,
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;

    fn date(text: &str) -> Date {
        text.parse().expect("a date")
    }

    fn pendiente(number: u128, regla: &str, vence: &str) -> Pendiente {
        Pendiente {
            alerta: Uuid::from_u128(number),
            mascota: MascotaId(Uuid::from_u128(number)),
            nombre: format!("Luna {number}"),
            tutor: TutorId(Uuid::from_u128(1)),
            sede: None,
            complemento: "pe.huella.vacunas".into(),
            regla: regla.into(),
            clave: format!("c{number}"),
            titulo: "Refuerzo".into(),
            vence: date(vence),
            con_cita: false,
        }
    }

    fn escalera() -> DatosRecordatorios {
        let regla = |prefijo: &str, activa, pasos: Option<&[i32]>| ReglaDeRecordatorio {
            prefijo: prefijo.into(),
            activa,
            pasos: pasos.map(Into::into),
        };
        let reglas = vec![regla("control", true, Some(&[-3])), regla("control.peso", false, None)];
        DatosRecordatorios { activo: true, reglas, ..DatosRecordatorios::default() }
    }

    #[rstest]
    #[case::too_early("vacuna.rabia", "2026-03-29", None)]
    #[case::first("vacuna.rabia", "2026-03-30", Some(-30))]
    #[case::still_first("vacuna.rabia", "2026-04-21", Some(-30))]
    #[case::second("vacuna.rabia", "2026-04-22", Some(-7))]
    #[case::on_the_day("vacuna.rabia", "2026-04-29", Some(0))]
    #[case::last("vacuna.rabia", "2026-05-29", Some(30))]
    #[case::late("vacuna.rabia", "2026-06-12", Some(30))]
    #[case::given_up("vacuna.rabia", "2026-06-13", None)]
    #[case::of_its_own("control.sangre", "2026-04-26", Some(-3))]
    #[case::switched_off("control.peso.alto", "2026-04-26", None)]
    fn the_step_of_today(#[case] regla: &str, #[case] hoy: &str, #[case] expected: Option<i32>) {
        assert_eq!(escalera().paso(&pendiente(1, regla, "2026-04-29"), date(hoy)), expected);
    }

    #[test]
    fn what_is_soon_goes_along_with_what_is_due_and_alone_it_waits() {
        let (escalera, hoy) = (escalera(), date("2026-03-02"));
        let all = [
            pendiente(1, "vacuna.rabia", "2026-03-09"),
            pendiente(2, "vacuna.rabia", "2026-03-16"),
            pendiente(3, "vacuna.rabia", "2026-03-17"),
            Pendiente { con_cita: true, ..pendiente(4, "vacuna.rabia", "2026-03-02") },
        ];
        // The others had their first step; the second one's next is in a week, the third one's in eight days.
        let mut taken: HashSet<Tomado> = [all[1].tomado(-30), all[2].tomado(-30)].into();
        let of = |taken: &HashSet<Tomado>| {
            escalera.debidos(&all, taken, hoy).into_iter().map(|(one, paso)| (one.alerta.as_u128(), paso)).collect::<Vec<_>>()
        };
        assert_eq!(of(&taken), [(1, -7), (2, -7)]);
        taken.insert(all[0].tomado(-7));
        assert_eq!(of(&taken), [], "nothing is due today");
    }

    /// Looked at every day or after a long silence: of each step at most one, and never an earlier one later.
    #[test]
    fn steps_only_go_up_whatever_days_are_missed() {
        let (escalera, one) = (escalera(), pendiente(1, "vacuna.rabia", "2026-04-29"));
        for gap in 1..40 {
            let (mut taken, mut day, mut last) = (HashSet::new(), date("2026-03-01"), i32::MIN);
            while day < date("2026-08-01") {
                for (pendiente, paso) in escalera.debidos(std::slice::from_ref(&one), &taken, day) {
                    assert!(paso > last, "{gap}: {paso} after {last}");
                    last = paso;
                    taken.insert(pendiente.tomado(paso));
                }
                day = day.checked_add(gap.days()).expect("a date");
            }
            assert!(taken.len() <= 4);
        }
    }

    #[test]
    fn a_new_due_date_is_a_new_ladder() {
        let (escalera, hoy) = (escalera(), date("2026-03-02"));
        let (old, new) = (pendiente(1, "vacuna.rabia", "2026-03-02"), pendiente(1, "vacuna.rabia", "2026-03-01"));
        assert_eq!(escalera.debidos(&[new], &[old.tomado(0)].into(), hoy).len(), 1);
    }

    #[test]
    fn what_is_wrong_with_the_settings_is_told() {
        let regla = |prefijo: &str| ReglaDeRecordatorio { prefijo: prefijo.into(), activa: true, pasos: Some(vec![400]) };
        let datos = DatosRecordatorios {
            hora: "25:00".into(),
            pasos: vec![0, -7, 0],
            reglas: vec![regla("a"), regla("a")],
            ..DatosRecordatorios::default()
        };
        let told: Vec<String> = datos.check().expect_err("wrong").into_iter().map(|error| error.pointer.into_owned()).collect();
        assert_eq!(told, ["/hora", "/pasos", "/reglas/0/pasos", "/reglas/1/prefijo", "/reglas/1/pasos"]);
    }
}
