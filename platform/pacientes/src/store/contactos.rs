//! The addresses of an owner.
use kernel::{
    Problem, Tx,
    ids::{MascotaId, TutorId},
};
use uuid::Uuid;

pub struct Fila {
    pub id: TutorId,
    pub nombres: String,
    pub apellidos: String,
    pub correo_cifrado: Option<Vec<u8>>,
    pub telefono_cifrado: Option<Vec<u8>>,
}

/// Of the record that goes on. Its id as a column: under row-level security no index looks for what `coalesce` yields.
pub async fn of(tx: &mut Tx, tutor: TutorId) -> Result<Option<Fila>, Problem> {
    Ok(sqlx::query_as!(
        Fila,
        "select t.id, t.nombres, t.apellidos, t.correo_cifrado, t.telefono_cifrado
           from (select coalesce(fusionado_con, id) as vigente from tutores where id = $1 offset 0) o join tutores t on t.id = o.vigente",
        tutor as _
    )
    .fetch_optional(&mut **tx)
    .await?)
}

pub async fn of_pet(tx: &mut Tx, mascota: MascotaId) -> Result<Option<Fila>, Problem> {
    Ok(sqlx::query_as!(
        Fila,
        "select t.id, t.nombres, t.apellidos, t.correo_cifrado, t.telefono_cifrado
           from tutores_mascotas r join tutores t on t.id = r.tutor_id
          where r.mascota_id = $1 and r.hasta is null and r.relacion = 'propietario'",
        mascota as _
    )
    .fetch_optional(&mut **tx)
    .await?)
}

/// Of many pets, which of them it is of beside it.
pub async fn of_pets(tx: &mut Tx, mascotas: &[MascotaId]) -> Result<Vec<(MascotaId, Fila)>, Problem> {
    let ids: Vec<Uuid> = mascotas.iter().map(|mascota| mascota.0).collect();
    let rows = sqlx::query!(
        r#"select r.mascota_id as "mascota_id!: MascotaId", t.id as "id!: TutorId", t.nombres, t.apellidos, t.correo_cifrado, t.telefono_cifrado
             from tutores_mascotas r join tutores t on t.id = r.tutor_id
            where r.mascota_id = any ($1) and r.hasta is null and r.relacion = 'propietario'"#,
        &ids
    )
    .fetch_all(&mut **tx)
    .await?;
    let filas = rows.into_iter().map(|row| {
        let (correo_cifrado, telefono_cifrado) = (row.correo_cifrado, row.telefono_cifrado);
        (row.mascota_id, Fila { id: row.id, nombres: row.nombres, apellidos: row.apellidos, correo_cifrado, telefono_cifrado })
    });
    Ok(filas.collect())
}
