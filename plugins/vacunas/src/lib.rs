//! Which vaccine a pet lacks, antigen by antigen: since when, why, and which facts say so.
//!
//! A schedule goes by what a vaccine protects from, never by its name: a quíntuple and a separate rabies vaccine are as good
//! as one product of both.
mod pauta;
mod plantilla;
mod serie;

use huella_plugin_sdk::{
    Alerts, Date, Months,
    alerts::{Alert, Hechos, Moment, RuleError, Severity, Subscription, subscribe, trigger},
    export_alerts,
};
use pauta::{Pauta, Plantilla};
use serde::Deserialize;
use serie::{Dosis, Estado, Etapa, leer};

/// What a chain may change.
#[derive(Debug, Deserialize)]
#[serde(default)]
pub struct Vacunas {
    plantilla: Plantilla,
    pautas: Vec<Pauta>,
    sin: Vec<String>,
    con_optativas: bool,
    anticipacion_dias: i32,
    posponer_con: Vec<String>,
}

impl Default for Vacunas {
    fn default() -> Self {
        let posponer = ["gestación", "gestante", "fiebre", "en observación por mordedura"];
        Self {
            plantilla: Plantilla::default(),
            pautas: Vec::new(),
            sin: Vec::new(),
            con_optativas: false,
            anticipacion_dias: 30,
            posponer_con: posponer.map(str::to_owned).into(),
        }
    }
}

impl Alerts for Vacunas {
    fn describe() -> Vec<Subscription> {
        let facts = ["vacunas", "problemas", "alergias"];
        [trigger::DIARIO, trigger::LLEGADA, trigger::CAMBIO].map(|when| subscribe(when, &facts)).into()
    }

    fn evaluate(&self, _trigger: &str, hechos: &Hechos, at: Moment) -> Result<Vec<Alert>, RuleError> {
        if hechos.mascota.fallecida_en.is_some() {
            return Ok(Vec::new());
        }
        let due = self.vigentes().filter(|pauta| pauta.especie == hechos.mascota.especie);
        let mut alerts: Vec<Alert> = due.filter_map(|pauta| self.alert(pauta, hechos, at.today)).collect();
        if !alerts.is_empty() {
            alerts.extend(unclear(hechos));
        }
        Ok(alerts)
    }
}

impl Vacunas {
    /// The base with what the chain changed.
    fn vigentes(&self) -> impl Iterator<Item = &Pauta> {
        let replaced = |pauta: &Pauta| self.pautas.iter().any(|own| own.antigeno == pauta.antigeno && own.especie == pauta.especie);
        let unwanted = |pauta: &Pauta| self.sin.iter().any(|antigeno| *antigeno == pauta.antigeno);
        let base = self.plantilla.pautas().iter().filter(move |pauta| !replaced(pauta) && !unwanted(pauta));
        base.chain(&self.pautas)
    }

    fn alert(&self, pauta: &Pauta, hechos: &Hechos, today: Date) -> Option<Alert> {
        let nacimiento = hechos.mascota.nacimiento;
        let estado = leer(pauta, nacimiento, &doses(hechos, &pauta.antigeno, today), today);
        let unwanted = pauta.optativa && !self.con_optativas && estado.etapa == Etapa::SinEmpezar;
        if unwanted || estado.toca > today.days_later(self.anticipacion_dias) {
            return None;
        }
        let waits = self.waits(hechos);
        let allergies = open_allergies(hechos);
        let severity = match (estado.toca <= today, waits.is_some(), pauta.ley) {
            (_, true, _) | (false, ..) => Severity::Info,
            (true, false, true) => Severity::Critical,
            (true, false, false) => Severity::Warning,
        };
        let mut alert = Alert::new(format!("vacunas.{}", pauta.antigeno), severity, title(pauta, &estado, today));
        if !estado.sin_fecha {
            alert = alert.due(estado.toca);
        }
        let mut reason = reason(pauta, &estado, hechos);
        for (name, pointer) in
            waits.into_iter().map(|found| (format!("Decide el médico: «{}» sigue abierto.", found.0), found.1)).chain(allergies)
        {
            reason.push(name);
            alert = alert.evidence(pointer);
        }
        if nacimiento.is_some() {
            alert = alert.evidence("/mascota/nacimiento");
        }
        let used = estado.cuentan.iter().chain(&estado.no_cuentan);
        let alert = used.fold(alert, |alert, dose| alert.evidence(format!("/vacunas/{}", dose.index)));
        Some(alert.because(reason.join(" ")))
    }

    /// The open problem that makes a vet decide first.
    fn waits(&self, hechos: &Hechos) -> Option<(String, String)> {
        let is = |name: &str| self.posponer_con.iter().any(|word| name.to_lowercase().contains(&word.to_lowercase()));
        let mut open = hechos.problemas.iter().enumerate().filter(|(_, problema)| problema.hasta.is_none());
        open.find(|(_, problema)| is(&problema.nombre)).map(|(index, problema)| (problema.nombre.clone(), format!("/problemas/{index}")))
    }
}

/// Doses of an antigen until today, the oldest first, one a day.
fn doses(hechos: &Hechos, antigeno: &str, today: Date) -> Vec<Dosis> {
    let given =
        hechos.vacunas.iter().enumerate().filter(|(_, one)| one.fecha <= today && one.antigenos.iter().any(|name| name == antigeno));
    let mut doses: Vec<Dosis> = given.map(|(index, one)| Dosis { index, fecha: one.fecha, proxima: one.proxima }).collect();
    doses.sort_by_key(|dose| dose.fecha);
    doses.dedup_by_key(|dose| dose.fecha);
    doses
}

fn title(pauta: &Pauta, estado: &Estado, today: Date) -> String {
    let what = match estado.etapa {
        Etapa::SinEmpezar => "primera dosis".to_owned(),
        Etapa::EnSerie { puestas, de } => format!("dosis {} de {de}", puestas + 1),
        Etapa::Interrumpida | Etapa::Caduca => "empezar de nuevo".to_owned(),
        Etapa::Completa { .. } => "refuerzo".to_owned(),
    };
    let when = if estado.sin_fecha {
        "cuanto antes".to_owned()
    } else if estado.toca > today {
        format!("toca el {}", estado.toca)
    } else {
        format!("desde el {}", estado.toca)
    };
    format!("{}: {what}, {when}", pauta.nombre)
}

fn reason(pauta: &Pauta, estado: &Estado, hechos: &Hechos) -> Vec<String> {
    let last = estado.cuentan.last().map(|dose| dose.fecha.to_string()).unwrap_or_default();
    let mut reason = vec![match estado.etapa {
        Etapa::SinEmpezar if hechos.mascota.nacimiento.is_none() => "No hay ninguna dosis que cuente y no se sabe su edad.".to_owned(),
        Etapa::SinEmpezar => format!("No hay ninguna dosis que cuente; la primera va a las {} semanas.", pauta.primera_semanas),
        Etapa::EnSerie { puestas, de } => format!("Van {puestas} de {de} dosis; la última, el {last}."),
        Etapa::Interrumpida => {
            format!("La última dosis fue el {last} y la serie no se terminó en {} días: empieza de nuevo.", pauta.intervalo_maximo_dias)
        }
        Etapa::Completa { refuerzos: 0 } => format!("La serie se completó el {last}; falta el primer refuerzo."),
        Etapa::Completa { .. } => format!("El último refuerzo fue el {last}."),
        Etapa::Caduca => format!("La última dosis fue el {last}: sin refuerzo desde entonces, la serie empieza de nuevo."),
    }];
    if estado.por_indicacion {
        reason.push("La fecha es la que se anotó con esa dosis.".to_owned());
    }
    for dose in &estado.no_cuentan {
        reason.push(format!("La del {} no cuenta: fue muy temprano.", dose.fecha));
    }
    if pauta.ley {
        reason.push("Es obligatoria.".to_owned());
    }
    if hechos.mascota.nacimiento_estimado && matches!(estado.etapa, Etapa::SinEmpezar | Etapa::EnSerie { .. }) {
        reason.push("Su fecha de nacimiento es aproximada.".to_owned());
    }
    reason.push(format!("Pauta: {}.", pauta.origen));
    reason
}

fn open_allergies(hechos: &Hechos) -> Vec<(String, String)> {
    let open = hechos.alergias.iter().enumerate().filter(|(_, allergy)| allergy.hasta.is_none() && allergy.sustancia == "vacuna");
    open.map(|(index, allergy)| (format!("Ojo: alergia a «{}».", allergy.a), format!("/alergias/{index}"))).collect()
}

/// Vaccines that nobody can count: without what they protect from they may be the ones that are missing.
fn unclear(hechos: &Hechos) -> Option<Alert> {
    let unknown = hechos.vacunas.iter().enumerate().filter(|(_, one)| one.antigenos.is_empty());
    let pointers: Vec<(String, &str)> = unknown.map(|(index, one)| (format!("/vacunas/{index}"), one.producto.as_str())).collect();
    let (_, first) = pointers.first()?;
    let detail = format!("Hay {} que no dicen de qué protegen, como «{first}»: no se cuentan hasta que alguien lo aclare.", pointers.len());
    let alert = Alert::new("vacunas.por_aclarar", Severity::Info, "Vacunas por aclarar").because(detail);
    Some(pointers.iter().fold(alert, |alert, (pointer, _)| alert.evidence(pointer)))
}

export_alerts!(Vacunas);

#[cfg(test)]
mod tests;
