//! How long people waited, computed where the rows are.
use crate::model::{TiempoDe, TiempoDeEspera, TiemposDeSala, Triaje};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{SedeId, UsuarioId},
};

/// Of those who came to a sede between two instants, from arrival to consultation: all, by day and hour of arrival in the
/// sede's zone, by vet, by triage.
pub async fn tiempos(tx: &mut Tx, sede: SedeId, desde: Timestamp, hasta: Timestamp, zona: &str) -> Result<TiemposDeSala, Problem> {
    let limites: Vec<i64> = Triaje::TODOS.iter().map(|triaje| triaje.minutos()).collect();
    let filas = sqlx::query!(
        r#"with v as (
             select extract(epoch from v.consulta_en - v.llegada_en) / 60 as espera, extract(epoch from v.consulta_fin_en - v.consulta_en) / 60 as consulta,
                    c.medico_id, v.triaje, l.civil::date as dia, extract(hour from l.civil)::int as hora,
                    v.consulta_en - v.llegada_en > make_interval(mins => o.minutos::int) as excedida
               from visitas v join citas c on c.id = v.cita_id
               cross join lateral (select v.llegada_en at time zone $4 as civil) l
               left join unnest($5::text[], $6::bigint[]) o(triaje, minutos) on o.triaje = v.triaje
              where v.sede_id = $1 and v.llegada_en >= $2 and v.llegada_en < $3 and v.consulta_en is not null)
           select grouping(dia, hora, medico_id, triaje) as "que!", dia as "dia?: jiff_sqlx::Date", hora as "hora?", medico_id as "medico_id?: UsuarioId",
                  triaje as "triaje?: Triaje", count(*) as "visitas!", percentile_cont(0.5) within group (order by espera) as "mediana!",
                  percentile_cont(0.9) within group (order by espera) as "p90!", percentile_cont(0.5) within group (order by consulta) as consulta,
                  count(*) filter (where excedida) as "excedidas!"
             from v group by grouping sets ((dia), (hora), (medico_id), (triaje), ()) having count(*) > 0 order by dia, hora, medico_id"#,
        sede as _,
        desde.to_sqlx() as _,
        hasta.to_sqlx() as _,
        zona,
        &Triaje::TODOS as _,
        &limites
    )
    .fetch_all(&mut **tx)
    .await?;
    let mut tiempos = TiemposDeSala { retiradas: retiradas(tx, sede, desde, hasta).await?, ..TiemposDeSala::default() };
    for f in filas {
        let tenth = |minutes: f64| (minutes * 10.0).round() / 10.0;
        let espera = TiempoDeEspera {
            visitas: f.visitas,
            mediana: tenth(f.mediana),
            p90: tenth(f.p90),
            consulta_mediana: f.consulta.map(tenth),
            excedidas: f.excedidas,
        };
        // A bit is set for each column that the row is not grouped by.
        match (f.que, f.dia, f.hora, f.medico_id, f.triaje) {
            (0b0111, Some(de), ..) => tiempos.por_dia.push(TiempoDe { de: de.to_jiff(), espera }),
            (0b1011, _, Some(de), ..) => tiempos.por_hora.push(TiempoDe { de, espera }),
            (0b1101, _, _, Some(de), _) => tiempos.por_medico.push(TiempoDe { de, espera }),
            (0b1110, .., Some(de)) => tiempos.por_triaje.push(TiempoDe { de, espera }),
            (0b1111, ..) => tiempos.total = Some(espera),
            // Those without a triage are in all the others.
            _ => {}
        }
    }
    tiempos.por_triaje.sort_by_key(|one| one.de);
    Ok(tiempos)
}

async fn retiradas(tx: &mut Tx, sede: SedeId, desde: Timestamp, hasta: Timestamp) -> Result<i64, Problem> {
    Ok(sqlx::query_scalar!(
        r#"select count(*) as "retiradas!" from visitas where sede_id = $1 and llegada_en >= $2 and llegada_en < $3 and retirada_en is not null"#,
        sede as _,
        desde.to_sqlx() as _,
        hasta.to_sqlx() as _
    )
    .fetch_one(&mut **tx)
    .await?)
}
