//! Appointments for the search box.
use crate::model::{CitaEnPaleta, Estado};
use jiff::Timestamp;
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{CitaId, MascotaId, SedeId, UsuarioId},
};

macro_rules! citas {
    ($tx:expr, $condition:literal, $($arg:expr),*) => {
        sqlx::query!(
            r#"select c.id as "id: CitaId", c.inicio, c.fin, c.estado as "estado: Estado", c.sede_id as "sede_id: SedeId",
                      c.mascota_id as "mascota_id!: MascotaId", m.nombre as "mascota!", m.tutor, c.medico_id as "medico_id: UsuarioId",
                      d.nombre as "medico!", s.nombre as "servicio!"
                 from citas c
                 join v_mascotas m on m.id = c.mascota_id
                 join v_medicos d on d.id = c.medico_id
                 join v_servicios s on s.id = c.servicio_id
                where c.retenida_hasta is null and "#
                + $condition,
            $($arg),*
        )
        .fetch_all(&mut **$tx)
        .await?
        .into_iter()
        .map(|f| CitaEnPaleta {
            id: f.id,
            inicio: f.inicio.to_jiff(),
            fin: f.fin.to_jiff(),
            estado: f.estado,
            sede_id: f.sede_id,
            mascota_id: f.mascota_id,
            mascota: f.mascota,
            tutor: f.tutor,
            medico_id: f.medico_id,
            medico: f.medico,
            servicio: f.servicio,
        })
        .collect()
    };
}

/// The appointments of these pets between two instants, the next first.
pub async fn de_mascotas(
    tx: &mut Tx,
    mascotas: &[MascotaId],
    desde: Timestamp,
    hasta: Timestamp,
    limite: i64,
) -> Result<Vec<CitaEnPaleta>, Problem> {
    Ok(citas!(
        tx,
        "c.mascota_id = any($1) and c.inicio >= $2 and c.inicio < $3 and c.activa order by c.inicio, c.id limit $4",
        mascotas as _,
        desde.to_sqlx() as _,
        hasta.to_sqlx() as _,
        limite
    ))
}

/// One appointment, whatever became of it.
pub async fn por_id(tx: &mut Tx, id: CitaId) -> Result<Vec<CitaEnPaleta>, Problem> {
    Ok(citas!(tx, "c.id = $1", id as _))
}
