//! A pet of which something is about to be written down.
use super::mascota::longest_life_ago;
use jiff::civil::Date;

/// What it takes to judge whether something can have happened to a pet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retenida {
    /// The key of its species.
    pub especie: String,
    pub nacimiento: Option<Date>,
    pub nacimiento_estimado: bool,
    pub fallecida_en: Option<Date>,
}

impl Retenida {
    /// Why nothing can have happened to it on that day.
    pub fn imposible(&self, fecha: Date, hoy: Date) -> Option<&'static str> {
        if fecha > hoy {
            Some("no puede ser una fecha futura")
        } else if self.fallecida_en.is_some_and(|murio| fecha > murio) {
            Some("es posterior al fallecimiento de la mascota")
        } else if self.nacimiento.is_some_and(|nacio| fecha < nacio && !self.nacimiento_estimado) {
            Some("es anterior al nacimiento de la mascota")
        } else if fecha < longest_life_ago(hoy) {
            Some("es demasiado antigua")
        } else {
            None
        }
    }

    pub fn edad_dias(&self, fecha: Date) -> Option<i32> {
        self.nacimiento?.until(fecha).ok().map(|span| span.get_days()).filter(|days| *days >= 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;
    use rstest::rstest;

    #[rstest]
    #[case(date(2026, 3, 2), false, None, true)]
    #[case(date(2026, 3, 3), false, None, false)]
    #[case(date(2026, 3, 2), false, Some(date(2026, 3, 2)), true)]
    #[case(date(2026, 3, 2), false, Some(date(2026, 3, 1)), false)]
    #[case(date(2020, 4, 30), false, None, false)]
    #[case(date(2020, 4, 30), true, None, true)]
    #[case(date(1820, 4, 30), true, None, false)]
    fn what_happens_lies_between_birth_and_death(
        #[case] fecha: Date,
        #[case] nacimiento_estimado: bool,
        #[case] fallecida_en: Option<Date>,
        #[case] can: bool,
    ) {
        let mascota = Retenida { especie: "perro".into(), nacimiento: Some(date(2020, 5, 1)), nacimiento_estimado, fallecida_en };
        assert_eq!(mascota.imposible(fecha, date(2026, 3, 2)).is_none(), can);
    }
}
