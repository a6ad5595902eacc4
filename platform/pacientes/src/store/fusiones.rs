//! Merging records and bringing them back, a statement per kind of thing that moves.
use crate::model::{
    self, Fusion, FusionTipo, Fusionado, IdentificadorMovido, IdentificadorTipo, MascotaPorFusionar, Movido, Relacion, TutorPorFusionar,
    VinculoMovido,
};
use jiff::{Timestamp, civil::Date};
use jiff_sqlx::ToSqlx;
use kernel::{
    Problem, Tx,
    ids::{MascotaId, TutorId},
};
use sqlx::types::Json;
use uuid::Uuid;

/// Both pets, held as a death or a booking would need them.
pub async fn lock_pets(tx: &mut Tx, ids: [MascotaId; 2]) -> Result<Vec<MascotaPorFusionar>, Problem> {
    let rows = sqlx::query!(
        r#"select id, nombre, especie_id, fallecida_en as "fallecida_en: jiff_sqlx::Date", foto, notas, fusionada_con as "fusionada_con: MascotaId"
             from mascotas where id = any ($1) order by id for update"#,
        &ids as _
    )
    .fetch_all(&mut **tx)
    .await?;
    let pet = rows.into_iter().map(|row| MascotaPorFusionar {
        id: row.id,
        nombre: row.nombre,
        especie_id: row.especie_id,
        fallecida_en: row.fallecida_en.map(|date| date.to_jiff()),
        foto: row.foto,
        notas: row.notas,
        fusionada_con: row.fusionada_con,
    });
    Ok(pet.collect())
}

pub async fn lock_owners(tx: &mut Tx, ids: [TutorId; 2]) -> Result<Vec<TutorPorFusionar>, Problem> {
    let rows = sqlx::query!(
        r#"select id, nombres, apellidos, notas, fusionado_con as "fusionado_con: TutorId" from tutores where id = any ($1) order by id for update"#,
        &ids as _
    )
    .fetch_all(&mut **tx)
    .await?;
    let owner = rows.into_iter().map(|row| TutorPorFusionar {
        id: row.id,
        nombre: model::full_name(&row.nombres, &row.apellidos),
        notas: row.notas,
        fusionado_con: row.fusionado_con,
    });
    Ok(owner.collect())
}

/// The record that gave way points to the one that goes on; so do those that pointed to it, which are returned.
pub async fn point_pet(tx: &mut Tx, de: MascotaId, a: MascotaId) -> Result<Vec<Uuid>, Problem> {
    let now = tx.now().to_sqlx();
    let pointers = sqlx::query_scalar!(
        r#"update mascotas set fusionada_con = $2 where fusionada_con = $1 returning id as "id: Uuid""#,
        de as _,
        a as _
    )
    .fetch_all(&mut **tx)
    .await?;
    sqlx::query!(
        "update mascotas set fusionada_con = case id when $1 then $2::uuid end, version = version + 1, actualizado_en = $3 where id in ($1, $2)",
        de as _,
        a as _,
        now as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(pointers)
}

pub async fn unpoint_pet(tx: &mut Tx, de: MascotaId, a: MascotaId, pointers: &[Uuid]) -> Result<(), Problem> {
    let now = tx.now().to_sqlx();
    sqlx::query!(
        "update mascotas set fusionada_con = null, version = version + 1, actualizado_en = $3 where id in ($1, $2)",
        de as _,
        a as _,
        now as _
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!("update mascotas set fusionada_con = $2 where id = any ($1)", pointers, de as _).execute(&mut **tx).await?;
    Ok(())
}

pub async fn point_owner(tx: &mut Tx, de: TutorId, a: TutorId) -> Result<Vec<Uuid>, Problem> {
    let now = tx.now().to_sqlx();
    let pointers = sqlx::query_scalar!(
        r#"update tutores set fusionado_con = $2 where fusionado_con = $1 returning id as "id: Uuid""#,
        de as _,
        a as _
    )
    .fetch_all(&mut **tx)
    .await?;
    sqlx::query!(
        "update tutores set fusionado_con = case id when $1 then $2::uuid end, version = version + 1, actualizado_en = $3 where id in ($1, $2)",
        de as _,
        a as _,
        now as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(pointers)
}

pub async fn unpoint_owner(tx: &mut Tx, de: TutorId, a: TutorId, pointers: &[Uuid]) -> Result<(), Problem> {
    let now = tx.now().to_sqlx();
    sqlx::query!(
        "update tutores set fusionado_con = null, version = version + 1, actualizado_en = $3 where id in ($1, $2)",
        de as _,
        a as _,
        now as _
    )
    .execute(&mut **tx)
    .await?;
    sqlx::query!("update tutores set fusionado_con = $2 where id = any ($1)", pointers, de as _).execute(&mut **tx).await?;
    Ok(())
}

/// Weights and facts of one pet become the other's.
pub async fn move_record(tx: &mut Tx, de: MascotaId, a: MascotaId) -> Result<(Vec<Uuid>, Vec<Uuid>), Problem> {
    let pesos =
        sqlx::query_scalar!(r#"update pesos set mascota_id = $2 where mascota_id = $1 returning id as "id: Uuid""#, de as _, a as _)
            .fetch_all(&mut **tx)
            .await?;
    let hechos = sqlx::query_scalar!("update mascotas_hechos set mascota_id = $2 where mascota_id = $1 returning id", de as _, a as _)
        .fetch_all(&mut **tx)
        .await?;
    Ok((pesos, hechos))
}

pub async fn give_record_back(tx: &mut Tx, movido: &Movido, de: MascotaId) -> Result<(), Problem> {
    sqlx::query!("update pesos set mascota_id = $2 where id = any ($1)", &movido.pesos, de as _).execute(&mut **tx).await?;
    sqlx::query!("update mascotas_hechos set mascota_id = $2 where id = any ($1)", &movido.hechos, de as _).execute(&mut **tx).await?;
    Ok(())
}

/// Identifiers of one pet become the other's; those that it has already are only taken away.
pub async fn move_identifiers(tx: &mut Tx, de: MascotaId, a: MascotaId) -> Result<Vec<IdentificadorMovido>, Problem> {
    let own = sqlx::query!("delete from mascotas_identificadores where mascota_id = $1 returning tipo, valor, normal", de as _)
        .fetch_all(&mut **tx)
        .await?;
    let mut moved: Vec<IdentificadorMovido> =
        own.into_iter().map(|row| IdentificadorMovido { tipo: row.tipo, valor: row.valor, normal: row.normal, nuevo: false }).collect();
    let added = add_identifiers(tx, a, &moved).await?;
    for one in &mut moved {
        one.nuevo = added.iter().any(|(tipo, normal)| (*tipo, normal) == (one.tipo, &one.normal));
    }
    Ok(moved)
}

async fn add_identifiers(
    tx: &mut Tx,
    mascota: MascotaId,
    all: &[IdentificadorMovido],
) -> Result<Vec<(IdentificadorTipo, String)>, Problem> {
    let tipos: Vec<IdentificadorTipo> = all.iter().map(|one| one.tipo).collect();
    let valores: Vec<&str> = all.iter().map(|one| one.valor.as_str()).collect();
    let normales: Vec<&str> = all.iter().map(|one| one.normal.as_str()).collect();
    let rows = sqlx::query!(
        "insert into mascotas_identificadores (mascota_id, tipo, valor, normal)
         select $1, * from unnest($2::text[], $3::text[], $4::text[]) on conflict do nothing returning tipo, normal",
        mascota as _,
        &tipos as _,
        &valores as _,
        &normales as _
    )
    .fetch_all(&mut **tx)
    .await?;
    Ok(rows.into_iter().map(|row| (row.tipo, row.normal)).collect())
}

pub async fn give_identifiers_back(tx: &mut Tx, all: &[IdentificadorMovido], de: MascotaId, a: MascotaId) -> Result<(), Problem> {
    let nuevos = all.iter().filter(|one| one.nuevo);
    let (tipos, normales): (Vec<IdentificadorTipo>, Vec<&str>) = nuevos.map(|one| (one.tipo, one.normal.as_str())).unzip();
    sqlx::query!(
        "delete from mascotas_identificadores i using unnest($2::text[], $3::text[]) as n(tipo, normal)
          where i.mascota_id = $1 and i.tipo = n.tipo and i.normal = n.normal",
        a as _,
        &tipos as _,
        &normales as _
    )
    .execute(&mut **tx)
    .await?;
    add_identifiers(tx, de, all).await?;
    Ok(())
}

pub async fn set_photos(tx: &mut Tx, one: (MascotaId, Option<&str>), other: (MascotaId, Option<&str>)) -> Result<(), Problem> {
    sqlx::query!(
        "update mascotas set foto = case id when $1 then $2 else $4 end where id in ($1, $3)",
        one.0 as _,
        one.1,
        other.0 as _,
        other.1
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// Ends the present links of `de` to owners who have one to `a`.
pub async fn end_pet_links(tx: &mut Tx, de: MascotaId, a: MascotaId, hoy: Date) -> Result<Vec<VinculoMovido>, Problem> {
    Ok(sqlx::query_as!(
        VinculoMovido,
        "update tutores_mascotas x set hasta = greatest(x.desde, $3)
          where x.mascota_id = $1 and x.hasta is null
            and exists (select from tutores_mascotas y where y.mascota_id = $2 and y.tutor_id = x.tutor_id and y.hasta is null)
         returning x.id, x.relacion",
        de as _,
        a as _,
        hoy.to_sqlx() as _
    )
    .fetch_all(&mut **tx)
    .await?)
}

/// Gives the other links of `de`, past ones too, to `a`, which keeps its owner.
pub async fn move_pet_links(tx: &mut Tx, de: MascotaId, a: MascotaId, terminados: &[Uuid]) -> Result<Vec<VinculoMovido>, Problem> {
    Ok(sqlx::query_as!(
        VinculoMovido,
        r#"with antes as (select id, relacion from tutores_mascotas where mascota_id = $1 and id <> all ($3))
           update tutores_mascotas x
              set mascota_id = $2,
                  relacion = case when x.hasta is null and x.relacion = 'propietario'
                                   and exists (select from tutores_mascotas y where y.mascota_id = $2 and y.hasta is null and y.relacion = 'propietario')
                             then 'copropietario' else x.relacion end
             from antes where x.id = antes.id
           returning x.id, antes.relacion as "relacion!: Relacion""#,
        de as _,
        a as _,
        terminados
    )
    .fetch_all(&mut **tx)
    .await?)
}

/// Ends the present links of the owner `de` to pets that `a` answers for too.
pub async fn end_owner_links(tx: &mut Tx, de: TutorId, a: TutorId, hoy: Date) -> Result<Vec<VinculoMovido>, Problem> {
    Ok(sqlx::query_as!(
        VinculoMovido,
        "update tutores_mascotas x set hasta = greatest(x.desde, $3)
          where x.tutor_id = $1 and x.hasta is null
            and exists (select from tutores_mascotas y where y.tutor_id = $2 and y.mascota_id = x.mascota_id and y.hasta is null)
         returning x.id, x.relacion",
        de as _,
        a as _,
        hoy.to_sqlx() as _
    )
    .fetch_all(&mut **tx)
    .await?)
}

/// Where an owner's link just ended, the other link of the same pet becomes the owner's; as they were before.
pub async fn promote(tx: &mut Tx, a: TutorId, terminados: &[Uuid]) -> Result<Vec<VinculoMovido>, Problem> {
    Ok(sqlx::query_as!(
        VinculoMovido,
        r#"with antes as (
             select y.id, y.relacion from tutores_mascotas y join tutores_mascotas x on x.mascota_id = y.mascota_id
              where y.tutor_id = $1 and y.hasta is null and x.id = any ($2) and x.relacion = 'propietario')
           update tutores_mascotas y set relacion = 'propietario' from antes where y.id = antes.id
           returning y.id, antes.relacion as "relacion!: Relacion""#,
        a as _,
        terminados
    )
    .fetch_all(&mut **tx)
    .await?)
}

pub async fn move_owner_links(tx: &mut Tx, de: TutorId, a: TutorId, terminados: &[Uuid]) -> Result<Vec<VinculoMovido>, Problem> {
    Ok(sqlx::query_as!(
        VinculoMovido,
        "update tutores_mascotas set tutor_id = $2 where tutor_id = $1 and id <> all ($3) returning id, relacion",
        de as _,
        a as _,
        terminados
    )
    .fetch_all(&mut **tx)
    .await?)
}

/// Links as they were: the promoted ones first, then those that moved, then those that ended. What somebody ended since
/// stays ended.
pub async fn give_links_back(tx: &mut Tx, movido: &Movido, mascota: Option<MascotaId>, tutor: Option<TutorId>) -> Result<(), Problem> {
    relate(tx, &movido.ascendidos, None, None).await?;
    relate(tx, &movido.vinculos, mascota, tutor).await?;
    sqlx::query!(
        "update tutores_mascotas x set hasta = null where x.id = any ($1)
            and not (x.relacion = 'propietario' and exists (
                  select from tutores_mascotas y where y.mascota_id = x.mascota_id and y.hasta is null and y.relacion = 'propietario'))",
        &movido.terminados
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

async fn relate(tx: &mut Tx, links: &[VinculoMovido], mascota: Option<MascotaId>, tutor: Option<TutorId>) -> Result<(), Problem> {
    let (ids, relaciones): (Vec<Uuid>, Vec<Relacion>) = links.iter().map(|one| (one.id, one.relacion)).unzip();
    sqlx::query!(
        "update tutores_mascotas x
            set relacion = v.relacion, mascota_id = coalesce($3, x.mascota_id), tutor_id = coalesce($4, x.tutor_id)
           from unnest($1::uuid[], $2::text[]) as v(id, relacion) where x.id = v.id",
        &ids,
        &relaciones as _,
        mascota as _,
        tutor as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(())
}

/// A merged owner's document names the one that goes on; taken back, it names the owner again.
pub async fn index_document(tx: &mut Tx, tutor: TutorId, index: Option<Vec<u8>>) -> Result<(), Problem> {
    sqlx::query!("update tutores set documento_indice = $2 where id = $1", tutor as _, index).execute(&mut **tx).await?;
    Ok(())
}

/// For how many days a merge can be undone in this chain.
pub async fn days(tx: &mut Tx) -> Result<i32, Problem> {
    Ok(sqlx::query_scalar!(r#"select coalesce((select fusion_dias from pacientes_ajustes), 30) as "dias!""#).fetch_one(&mut **tx).await?)
}

pub async fn insert(tx: &mut Tx, tipo: FusionTipo, de: Uuid, a: Uuid, movido: &Movido, hasta: Timestamp) -> Result<Uuid, Problem> {
    let (id, now, autor) = (Uuid::now_v7(), tx.now().to_sqlx(), tx.author());
    sqlx::query!(
        "insert into fusiones (id, tipo, de, a, movido, hecha_en, hecha_por, deshacer_hasta) values ($1, $2, $3, $4, $5, $6, $7, $8)",
        id,
        tipo as _,
        de,
        a,
        Json(movido) as _,
        now as _,
        autor,
        hasta.to_sqlx() as _
    )
    .execute(&mut **tx)
    .await?;
    Ok(id)
}

/// Holds a merge, so that it is undone once.
pub async fn hold(tx: &mut Tx, id: Uuid) -> Result<(), Problem> {
    sqlx::query!("select from fusiones where id = $1 for update", id).execute(&mut **tx).await?;
    Ok(())
}

pub async fn find(tx: &mut Tx, id: Uuid) -> Result<Option<Fusion>, Problem> {
    let row = sqlx::query!(
        r#"select id, tipo as "tipo: FusionTipo", de, a, movido as "movido: Json<Movido>", hecha_en, deshacer_hasta,
                  deshecha_en as "deshecha_en: jiff_sqlx::Timestamp"
             from fusiones where id = $1"#,
        id
    )
    .fetch_optional(&mut **tx)
    .await?;
    Ok(row.map(|row| Fusion {
        id: row.id,
        tipo: row.tipo,
        de: row.de,
        a: row.a,
        mueve: row.movido.mudanza(),
        hecha_en: row.hecha_en.to_jiff(),
        deshacer_hasta: row.deshacer_hasta.to_jiff(),
        deshecha_en: row.deshecha_en.map(|en| en.to_jiff()),
        movido: row.movido.0,
    }))
}

pub async fn mark_undone(tx: &mut Tx, id: Uuid) -> Result<(), Problem> {
    let (now, autor) = (tx.now().to_sqlx(), tx.author());
    sqlx::query!("update fusiones set deshecha_en = $2, deshecha_por = $3 where id = $1", id, now as _, autor).execute(&mut **tx).await?;
    Ok(())
}

/// A record that gave way, as the database tells of it.
struct Cedido {
    id: Uuid,
    nombre: String,
    notas: Option<String>,
    fusion_id: Option<Uuid>,
    deshacer_hasta: Option<jiff_sqlx::Timestamp>,
}

impl From<Cedido> for Fusionado {
    fn from(cedido: Cedido) -> Self {
        let Cedido { id, nombre, notas, fusion_id, deshacer_hasta } = cedido;
        Self { id, nombre, notas, fusion_id, deshacer_hasta: deshacer_hasta.map(|en| en.to_jiff()) }
    }
}

/// Records that were merged into a pet.
pub async fn into_pet(tx: &mut Tx, mascota: MascotaId) -> Result<Vec<Fusionado>, Problem> {
    let rows = sqlx::query_as!(
        Cedido,
        r#"select m.id as "id: Uuid", m.nombre, m.notas, f.id as "fusion_id?", f.deshacer_hasta as "deshacer_hasta?: jiff_sqlx::Timestamp"
             from mascotas m
             left join fusiones f on f.de = m.id and f.a = $1 and f.tipo = 'mascota' and f.deshecha_en is null
            where m.fusionada_con = $1 order by m.id"#,
        mascota as _
    );
    Ok(rows.fetch_all(&mut **tx).await?.into_iter().map(Fusionado::from).collect())
}

/// Records that were merged into an owner.
pub async fn into_owner(tx: &mut Tx, tutor: TutorId) -> Result<Vec<Fusionado>, Problem> {
    let rows = sqlx::query_as!(
        Cedido,
        r#"select t.id as "id: Uuid", trim(t.nombres || ' ' || t.apellidos) as "nombre!", t.notas, f.id as "fusion_id?",
                  f.deshacer_hasta as "deshacer_hasta?: jiff_sqlx::Timestamp"
             from tutores t
             left join fusiones f on f.de = t.id and f.a = $1 and f.tipo = 'tutor' and f.deshecha_en is null
            where t.fusionado_con = $1 order by t.id"#,
        tutor as _
    );
    Ok(rows.fetch_all(&mut **tx).await?.into_iter().map(Fusionado::from).collect())
}
