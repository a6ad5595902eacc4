//! What invented pets were given and have: vaccines by the schedules of Lima, dewormings, problems, allergies, treatments.
use super::{
    agenda::{Cadena, Paciente},
    rng::Rng,
};
use historias::{
    Alcance, Catalogo, DetalleAlergia, DetalleClinico, DetalleDesparasitacion, DetalleProblema, DetalleTratamiento, DetalleVacuna,
    Gravedad, HechoImportado, Sustancia, Via,
};
use jiff::{Timestamp, ToSpan, civil::Date, tz};

/// First doses by age in days, and what is repeated every year.
struct Esquema {
    especie: &'static str,
    primeras: &'static [(i32, &'static str)],
    anuales: &'static [&'static str],
}

const ESQUEMAS: &[Esquema] = &[
    Esquema {
        especie: "perro",
        primeras: &[(50, "parvo_moquillo"), (72, "quintuple"), (94, "quintuple"), (120, "antirrabica")],
        anuales: &["quintuple", "antirrabica"],
    },
    Esquema {
        especie: "gato",
        primeras: &[(60, "triple_felina"), (82, "triple_felina"), (95, "antirrabica")],
        anuales: &["triple_felina", "antirrabica"],
    },
];
/// Shares of dogs and cats; the rest of their pasts nobody wrote down.
const VACUNADAS: f64 = 0.72;
const VUELVEN_CADA_ANO: f64 = 0.78;
const DESPARASITADAS: f64 = 0.55;
const CON_ALERGIA: f64 = 0.04;
const CON_PROBLEMA: f64 = 0.09;
/// Older doses are in a booklet that nobody copied.
const ANOS: i32 = 3;

const ANTIPARASITARIOS: &[(&str, Alcance, &[&str], i32)] = &[
    ("Drontal", Alcance::Interna, &["praziquantel", "pirantel", "febantel"], 90),
    ("Milbemax", Alcance::Interna, &["milbemicina oxima", "praziquantel"], 90),
    ("Bravecto", Alcance::Externa, &["fluralaner"], 84),
    ("NexGard Spectra", Alcance::Ambas, &["afoxolaner", "milbemicina oxima"], 30),
];
const ALERGIAS: &[(&str, Sustancia, Gravedad, &str)] = &[
    ("Penicilina", Sustancia::Medicamento, Gravedad::Grave, "Edema facial y dificultad para respirar"),
    ("Meloxicam", Sustancia::Medicamento, Gravedad::Moderada, "Vómitos con sangre"),
    ("Pollo", Sustancia::Alimento, Gravedad::Leve, "Prurito y otitis"),
    ("Pulgas", Sustancia::Ambiente, Gravedad::Moderada, "Dermatitis en el lomo"),
    ("Antirrábica", Sustancia::Vacuna, Gravedad::Moderada, "Urticaria a la media hora"),
];
/// Drug, dose, and hours between doses.
type Pauta = (&'static str, &'static str, i32);
/// Problem, whether it stays, and its treatment.
const PROBLEMAS: &[(&str, bool, Option<Pauta>)] = &[
    ("Dermatitis atópica", true, Some(("Oclacitinib", "0,5 mg/kg", 24))),
    ("Enfermedad renal crónica", true, Some(("Benazepril", "0,25 mg/kg", 24))),
    ("Diabetes mellitus", true, Some(("Insulina", "0,5 UI/kg", 12))),
    ("Enfermedad valvular mitral", true, Some(("Pimobendán", "0,25 mg/kg", 12))),
    ("Otitis externa", false, Some(("Gotas óticas de enrofloxacino", "5 gotas por oído", 12))),
    ("Gastroenteritis", false, Some(("Metronidazol", "15 mg/kg", 12))),
    ("Gingivitis", false, None),
];

/// The pasts of all pets of a chain, by pet and day.
pub fn generar(cadena: &Cadena, catalogo: &Catalogo, pacientes: &[Paciente], now: Timestamp) -> Vec<HechoImportado> {
    let mut rng = Rng::new(&format!("clinica/{}", cadena.clave));
    let ayer = now.to_zoned(tz::TimeZone::fixed(tz::offset(-5))).date().saturating_sub(1.day());
    let mut all = Vec::new();
    for paciente in pacientes.iter().filter(|paciente| matches!(paciente.especie, "perro" | "gato")) {
        let mut pasado = Pasado { cadena, catalogo, paciente, ayer, rng: &mut rng, hechos: Vec::new() };
        pasado.vacunas();
        pasado.desparasitaciones();
        pasado.alergias();
        pasado.problemas();
        all.append(&mut pasado.hechos);
    }
    all
}

struct Pasado<'a> {
    cadena: &'a Cadena,
    catalogo: &'a Catalogo,
    paciente: &'a Paciente,
    ayer: Date,
    rng: &'a mut Rng,
    hechos: Vec<HechoImportado>,
}

impl Pasado<'_> {
    fn registro(&self) -> Date {
        self.paciente.registro.to_zoned(tz::TimeZone::fixed(tz::offset(-5))).date()
    }

    /// In this chain after the pet came to it, elsewhere before.
    fn push(&mut self, detalle: DetalleClinico, titulo: &str, fecha: Date) -> Option<&mut HechoImportado> {
        if fecha > self.ayer || fecha < self.ayer.saturating_sub(ANOS.years()) {
            return None;
        }
        let anterior = fecha < self.registro();
        let medico = (!anterior && !self.cadena.medicos.is_empty()).then(|| *self.rng.pick(&self.cadena.medicos));
        let sede = (!anterior).then(|| self.cadena.sedes[self.paciente.sede].id);
        let hecho = HechoImportado {
            mascota: self.paciente.id,
            detalle,
            titulo: titulo.to_owned(),
            fecha,
            hasta: None,
            proxima: None,
            sede,
            medico,
            anterior,
        };
        self.hechos.push(hecho);
        self.hechos.last_mut()
    }

    fn dosis(&mut self, clave: &str, fecha: Date, proxima: Date) {
        let Some(vacuna) = self.catalogo.vacunas.iter().find(|vacuna| vacuna.clave == clave) else { return };
        let detalle = DetalleVacuna {
            vacuna_id: Some(vacuna.id),
            antigenos: Some(vacuna.antigenos.clone()),
            lote: self.rng.chance(0.9).then(|| format!("{}{:04}", if clave == "antirrabica" { "R" } else { "V" }, self.rng.below(400))),
            vence: Some(format!("{}-{:02}", fecha.year() + 1, self.rng.between(1, 12))),
            via: Some(Via::Subcutanea),
            dosis: Some("1 ml".to_owned()),
            ..DetalleVacuna::default()
        };
        let nombre = vacuna.nombre.clone();
        if let Some(hecho) = self.push(DetalleClinico::Vacuna(detalle), &nombre, fecha) {
            hecho.proxima = Some(proxima);
        }
    }

    fn vacunas(&mut self) {
        let esquema = ESQUEMAS.iter().find(|esquema| esquema.especie == self.paciente.especie);
        let Some((esquema, nacio)) = esquema.zip(self.paciente.nacimiento) else { return };
        if !self.rng.chance(VACUNADAS) {
            return;
        }
        let mut last = nacio;
        for (edad, clave) in esquema.primeras {
            last = nacio.saturating_add((*edad + self.rng.below(9) as i32).days());
            self.dosis(clave, last, last.saturating_add(21.days()));
        }
        loop {
            last = last.saturating_add(1.year()).saturating_add((self.rng.between(-10, 45) as i32).days());
            if last > self.ayer {
                return;
            }
            if self.rng.chance(VUELVEN_CADA_ANO) {
                esquema.anuales.iter().for_each(|clave| self.dosis(clave, last, last.saturating_add(1.year())));
            }
        }
    }

    fn desparasitaciones(&mut self) {
        if !self.rng.chance(DESPARASITADAS) {
            return;
        }
        let mut fecha = self.ayer.saturating_sub((self.rng.between(5, 120) as i32).days());
        for _ in 0..self.rng.between(1, 3) {
            if self.paciente.nacimiento.is_some_and(|nacio| fecha < nacio.saturating_add(30.days())) {
                return;
            }
            let (producto, alcance, activos, dura) = *self.rng.pick(ANTIPARASITARIOS);
            let detalle = DetalleDesparasitacion {
                alcance,
                activos: activos.iter().map(|activo| (*activo).to_owned()).collect(),
                lote: None,
                via: Some(Via::Oral),
                dosis: None,
            };
            if let Some(hecho) = self.push(DetalleClinico::Desparasitacion(detalle), producto, fecha) {
                hecho.proxima = Some(fecha.saturating_add(dura.days()));
            }
            fecha = fecha.saturating_sub((self.rng.between(80, 190) as i32).days());
        }
    }

    /// Some day since it came here.
    fn algun_dia(&mut self) -> Date {
        let since = self.registro().until(self.ayer).map_or(0, |span| span.get_days()).max(0);
        self.ayer.saturating_sub((self.rng.between(0, i64::from(since.min(900))) as i32).days())
    }

    fn alergias(&mut self) {
        if self.rng.chance(CON_ALERGIA) {
            let fecha = self.algun_dia();
            let (a, sustancia, gravedad, reaccion) = *self.rng.pick(ALERGIAS);
            let detalle = DetalleAlergia { sustancia, gravedad, reaccion: Some(reaccion.to_owned()) };
            self.push(DetalleClinico::Alergia(detalle), a, fecha);
        }
    }

    fn problemas(&mut self) {
        if !self.rng.chance(CON_PROBLEMA) {
            return;
        }
        let fecha = self.algun_dia();
        let (nombre, cronico, tratamiento) = *self.rng.pick(PROBLEMAS);
        let hasta = (!cronico).then(|| fecha.saturating_add((self.rng.between(7, 21) as i32).days()).min(self.ayer));
        if let Some(hecho) = self.push(DetalleClinico::Problema(DetalleProblema { codigo: None, cronico }), nombre, fecha) {
            hecho.hasta = hasta;
        }
        if let Some((farmaco, dosis, horas)) = tratamiento {
            let detalle = DetalleTratamiento { dosis: dosis.to_owned(), cada_horas: Some(horas), via: None };
            if let Some(hecho) = self.push(DetalleClinico::Tratamiento(detalle), farmaco, fecha) {
                hecho.hasta = hasta;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::demo::datos::agenda::Sede;
    use jiff::civil::date;
    use kernel::ids::{MascotaId, SedeId, UsuarioId};

    #[test]
    fn a_past_lies_between_birth_and_today_and_is_the_same_every_time() {
        let now: Timestamp = "2026-03-02T16:05:00Z".parse().expect("a time");
        let sede = Sede {
            id: SedeId::new(),
            codigo: "LIM".into(),
            nombre: "Lima".into(),
            ubigeo: None,
            ambientes: Vec::new(),
            equipos: Vec::new(),
        };
        let medicos = vec![UsuarioId::new(), UsuarioId::new()];
        let cadena = Cadena { clave: "prueba".into(), sedes: vec![sede], servicios: vec![], medicos, turnos: vec![] };
        let paciente = |n: i32| Paciente {
            id: MascotaId::new(),
            sede: 0,
            especie: if n % 3 == 0 { "gato" } else { "perro" },
            nacimiento: Some(date(2020, 1, 1).saturating_add((n % 2_000).days())),
            registro: now - jiff::SignedDuration::from_hours(24 * i64::from(n % 200)),
        };
        let pacientes: Vec<Paciente> = (0..2_000).map(paciente).collect();
        let catalogo = catalogo();
        let hechos = generar(&cadena, &catalogo, &pacientes, now);
        let told =
            |all: &[HechoImportado]| all.iter().map(|one| format!("{:?}{}{}", one.mascota, one.titulo, one.fecha)).collect::<Vec<_>>();
        assert_eq!(told(&hechos), told(&generar(&cadena, &catalogo, &pacientes, now)));
        for hecho in &hechos {
            let own = pacientes.iter().find(|one| one.id == hecho.mascota).expect("one of them");
            assert!(hecho.fecha < date(2026, 3, 2) && own.nacimiento.is_some_and(|nacio| hecho.fecha >= nacio), "{hecho:?}");
            assert!(hecho.proxima.is_none_or(|proxima| proxima > hecho.fecha) && hecho.hasta.is_none_or(|hasta| hasta >= hecho.fecha));
            assert_eq!(hecho.anterior, hecho.sede.is_none());
        }
        let with = |of: fn(&DetalleClinico) -> bool| {
            let pets: std::collections::HashSet<_> = hechos.iter().filter(|one| of(&one.detalle)).map(|one| one.mascota).collect();
            pets.len() as f64 / pacientes.len() as f64
        };
        let vaccinated = with(|detalle| matches!(detalle, DetalleClinico::Vacuna(_)));
        let allergic = with(|detalle| matches!(detalle, DetalleClinico::Alergia(_)));
        assert!((0.6..0.8).contains(&vaccinated) && (0.02..0.06).contains(&allergic), "{vaccinated} {allergic}");
    }

    fn catalogo() -> Catalogo {
        let vacuna = |clave: &&str| historias::Vacuna {
            id: kernel::ids::VacunaId::new(),
            clave: (*clave).to_owned(),
            nombre: (*clave).to_owned(),
            fabricante: None,
            especies: vec!["perro".into(), "gato".into()],
            antigenos: vec!["rabia".into()],
            alias: Vec::new(),
            origen: "prueba".into(),
            activa: true,
            version: 1,
        };
        let vacunas = ["parvo_moquillo", "quintuple", "antirrabica", "triple_felina"].iter().map(vacuna).collect();
        Catalogo { antigenos: Vec::new(), vacunas }
    }
}
