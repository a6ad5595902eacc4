//! Problems of the structure, the staff and their roles.
kernel::problems! {
    RUC_REPETIDO = CONFLICT, "ruc-repetido", "Ese RUC ya está registrado en la cadena";
    CODIGO_REPETIDO = CONFLICT, "codigo-repetido", "Ese código ya está en uso";
    NOMBRE_REPETIDO = CONFLICT, "nombre-repetido", "Ya hay otro con ese nombre en la sede";
    SEDE_INACTIVA = CONFLICT, "sede-inactiva", "La sede está inactiva";
    CORREO_REPETIDO = CONFLICT, "correo-repetido", "Ya hay una persona con ese correo en la cadena";
    EXCEDE_PERMISOS = FORBIDDEN, "excede-permisos", "Nadie puede otorgar ni administrar más de lo que tiene";
    ULTIMO_ADMINISTRADOR = CONFLICT, "ultimo-administrador", "La cadena debe conservar un administrador activo";
    ROL_DE_SISTEMA = CONFLICT, "rol-de-sistema", "Los roles de sistema no se borran";
    ROL_EN_USO = CONFLICT, "rol-en-uso", "El rol está asignado";
    ROL_REPETIDO = CONFLICT, "rol-repetido", "Ya hay un rol con esa clave";
    ASIGNACION_REPETIDA = CONFLICT, "asignacion-repetida", "La persona ya tiene ese rol ahí";
    SOLO_PLATAFORMA = FORBIDDEN, "solo-plataforma", "Solo lo hace la plataforma";
    USUARIO_INACTIVO = CONFLICT, "usuario-inactivo", "La persona está desactivada";
}
