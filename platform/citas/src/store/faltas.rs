//! Appointments that their owner lost, and how the chain keeps its agenda.
use crate::model::{AjustesCitas, CambioAjustesCitas, Cita, ConFaltas, Falta, FaltaTipo};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{CitaId, SedeId, TutorId},
    ports::Conducta,
};
use uuid::Uuid;

pub async fn ajustes(tx: &mut Tx) -> Result<AjustesCitas, Problem> {
    let row = sqlx::query_as!(
        AjustesCitas,
        r#"select aviso_horas, faltas_max, con_faltas as "con_faltas: ConFaltas", correccion_horas, version from citas_ajustes"#
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.unwrap_or_default())
}

/// Two changes at once queue up, also when there is no row yet.
pub async fn hold_ajustes(tx: &mut Tx) -> Result<(), Problem> {
    sqlx::query!("select pg_advisory_xact_lock(hashtextextended(tenant_actual()::text || 'citas_ajustes', 0))").execute(&mut **tx).await?;
    Ok(())
}

pub async fn put_ajustes(tx: &mut Tx, cambio: &CambioAjustesCitas) -> Result<(), Problem> {
    sqlx::query!(
        "insert into citas_ajustes as x (aviso_horas, faltas_max, correccion_horas, con_faltas, version) values ($1, $2, $3, $4, 2)
         on conflict (tenant_id) do update set aviso_horas = $1, faltas_max = $2, correccion_horas = $3, con_faltas = $4, version = x.version + 1",
        cambio.aviso_horas,
        cambio.faltas_max,
        cambio.correccion_horas,
        cambio.con_faltas as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Notes it for whose the pet is now. A pet without an owner loses nothing for anybody.
pub async fn anotar_falta(tx: &mut Tx, cita: &Cita, tipo: FaltaTipo) -> Result<(), Problem> {
    let now = tx.now();
    sqlx::query!(
        "insert into faltas (cita_id, tutor_id, tipo, en) select $1, p.tutor_id, $3, $4 from v_propietarios p where p.mascota_id = $2",
        cita.id as _,
        cita.mascota_id as _,
        tipo as _,
        now.to_sqlx() as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Takes it back; when it was noted.
pub async fn quitar_falta(tx: &mut Tx, cita: CitaId) -> Result<Option<Timestamp>, Problem> {
    let en = sqlx::query_scalar!("delete from faltas where cita_id = $1 returning en", cita as _).fetch_optional(&mut **tx).await?;
    Ok(en.map(|en| en.to_jiff()))
}

/// No-shows and late cancellations since `desde`, of an owner and of the records that were merged into theirs, by the chain's
/// policy. One look into an index.
pub async fn conducta(tx: &mut Tx, tutor: TutorId, desde: Timestamp) -> Result<Conducta, Problem> {
    let row = sqlx::query!(
        r#"select f.no_asistio as "no_asistio!", f.tardias as "tardias!", f.ultima, a.version as "version?", a.faltas_max
             from (select count(*) filter (where tipo = 'no_asistio') as no_asistio, count(*) filter (where tipo = 'anulacion_tardia') as tardias, max(en) as ultima
                     from faltas where tutor_id = any (array(select $1::uuid union all select t.id from v_tutores t where t.fusionado_con = $1)) and en >= $2) f
             left join citas_ajustes a on true"#,
        tutor as _,
        desde.to_sqlx() as _
    )
    .fetch_one(&mut **tx)
    .await?;
    let ajustes = match row.version {
        Some(version) => AjustesCitas { faltas_max: row.faltas_max, version, ..AjustesCitas::default() },
        None => AjustesCitas::default(),
    };
    Ok(ajustes.conducta(row.no_asistio, row.tardias, row.ultima.map(|en| en.to_jiff())))
}

pub async fn hay_tutor(tx: &mut Tx, tutor: TutorId) -> Result<bool, Problem> {
    Ok(sqlx::query_scalar!(r#"select exists (select from v_tutores where id = $1) as "hay!""#, tutor as _).fetch_one(&mut **tx).await?)
}

/// An owner's faults with their keys, newest first. What is of a sede that the caller does not see has no more than kind and time.
pub async fn faltas(tx: &mut Tx, tutor: TutorId, antes: Option<(Timestamp, Uuid)>, limite: i64) -> Result<Vec<(Uuid, Falta)>, Problem> {
    let (antes, antes_id) = antes.map_or((None, Uuid::max()), |(en, id)| (Some(en.to_sqlx()), id));
    let rows = sqlx::query!(
        r#"select f.cita_id as "clave!", f.tipo as "tipo: FaltaTipo", f.en, c.id as "cita_id?: CitaId", c.sede_id as "sede_id?: SedeId", c.inicio as "inicio?"
             from faltas f left join citas c on c.id = f.cita_id
            where f.tutor_id = any (array(select $1::uuid union all select t.id from v_tutores t where t.fusionado_con = $1))
              and ($2::timestamptz is null or f.en <= $2 and (f.en < $2 or f.cita_id < $3))
            order by f.en desc, f.cita_id desc limit $4"#,
        tutor as _,
        antes as _,
        antes_id,
        limite
    )
    .fetch_all(&mut **tx)
    .await?;
    let falta = rows.into_iter().map(|row| {
        let falta = Falta {
            tipo: row.tipo,
            en: row.en.to_jiff(),
            cita_id: row.cita_id,
            sede_id: row.sede_id,
            inicio: row.inicio.map(|inicio| inicio.to_jiff()),
        };
        (row.clave, falta)
    });
    Ok(falta.collect())
}
