//! Holidays: the platform's calendar, and what a chain's file adds to it.
use crate::{abrir, model::NuevoFeriado, store};
use jiff::civil::Date;
use kernel::{
    Problem, Tx,
    apply::{Diff, Fault, Report, Verdict},
};
use serde::Deserialize;
use sqlx::PgConnection;
use utoipa::ToSchema;

/// A national or regional day of the platform's calendar.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FeriadoSeccion {
    #[schema(value_type = String, format = "date")]
    pub fecha: Date,
    /// Beginning of the UBIGEO where it holds; empty = the whole country.
    #[serde(default)]
    pub ambito: String,
    pub nombre: String,
    pub fuente: String,
}

/// Brings the platform's holidays up to date; the connection has the operator's role. Answers how many were new.
pub async fn aplicar_feriados(db: &mut PgConnection, feriados: &[FeriadoSeccion]) -> Result<u64, Problem> {
    store::upsert_feriados(db, feriados).await
}

/// Brings the section `[[feriados]]` of a chain's file into the database; see `kernel::apply` for which wins. A day that the
/// platform's calendar has is refused as by the API, but not one that the chain had before: what the platform learns later makes no
/// file of a chain wrong.
pub async fn escribir(tx: &mut Tx, feriados: &[NuevoFeriado], report: &mut Report) -> Result<Vec<Fault>, Problem> {
    let mut faults = Vec::new();
    let mut diff = Diff::load(tx, "feriado").await?;
    for (index, feriado) in feriados.iter().enumerate() {
        let clave = format!("{}@{}", feriado.fecha, feriado.ambito);
        let antes = store::feriado_propio(tx, feriado.fecha, &feriado.ambito).await?;
        let verdict = diff.entry(&clave, &clave, feriado, antes.as_ref());
        if verdict == Verdict::Dejar {
            continue;
        }
        if verdict == Verdict::Crear
            && let Some(ya) = store::feriado_de_la_plataforma(tx, feriado.fecha, &feriado.ambito).await?
        {
            let detalle = format!("el {} ya es {}; quite esta entrada", feriado.fecha, ya.descrito());
            faults.push(Fault::new(format!("feriados[{index}]"), detalle));
            continue;
        }
        let id = store::guardar_feriado(tx, feriado).await?;
        let guardado = feriado.clone().con(id);
        match verdict {
            Verdict::Crear => abrir::feriado_creado(tx, &guardado),
            _ => abrir::feriado_cambiado(tx, &guardado),
        }
    }
    diff.save(tx, report).await?;
    Ok(faults)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::ADELANTE;
    use jiff::{Timestamp, tz::TimeZone};

    #[derive(Deserialize)]
    struct Archivo {
        feriados: Vec<FeriadoSeccion>,
    }

    /// Sunday of Easter, by the Gregorian computus.
    fn pascua(year: i16) -> Date {
        let (a, b, c) = (year % 19, year / 100, year % 100);
        let h = (19 * a + b - b / 4 - (b - (b + 8) / 25 + 1) / 3 + 15) % 30;
        let l = (32 + 2 * (b % 4) + 2 * (c / 4) - h - c % 4) % 7;
        let n = h + l - 7 * ((a + 11 * h + 22 * l) / 451) + 114;
        jiff::civil::date(year, i8::try_from(n / 31).expect("a month"), i8::try_from(n % 31 + 1).expect("a day"))
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "the calendar has to be ahead of the day on which it is tested")]
    fn the_calendar_has_every_national_day_as_far_ahead_as_the_agenda_opens() {
        let archivo: Archivo = toml::from_str(include_str!("../../../../tenants/_base/feriados.toml")).expect("a calendar");
        let national: Vec<Date> = archivo.feriados.iter().filter(|day| day.ambito.is_empty()).map(|day| day.fecha).collect();
        let now = Timestamp::now();
        let year = |at: Timestamp| at.to_zoned(TimeZone::UTC).year();
        let fixed =
            [(1, 1), (5, 1), (6, 7), (6, 29), (7, 23), (7, 28), (7, 29), (8, 6), (8, 30), (10, 8), (11, 1), (12, 8), (12, 9), (12, 25)];
        for year in year(now)..=year(now + ADELANTE) {
            let easter = pascua(year);
            let holy = [3, 2].map(|days: i64| easter.saturating_sub(jiff::ToSpan::days(days)));
            let all = fixed.map(|(month, day)| jiff::civil::date(year, month, day)).into_iter().chain(holy);
            let missing: Vec<Date> = all.filter(|day| !national.contains(day)).collect();
            assert!(missing.is_empty(), "add {missing:?} to tenants/_base/feriados.toml");
        }
    }
}
