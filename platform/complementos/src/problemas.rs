//! Problems of plugins.
kernel::problems! {
    COMPONENTE_INVALIDO = UNPROCESSABLE_ENTITY, "componente-invalido", "El archivo no es un complemento";
    EDITOR_AJENO = FORBIDDEN, "editor-ajeno", "El editor del manifiesto no es de esta cadena";
    FIRMA_INVALIDA = UNPROCESSABLE_ENTITY, "firma-invalida", "La firma del complemento no sirve";
    VERSION_EN_OTRO_ESTADO = CONFLICT, "version-en-otro-estado", "La versión está en otro estado";
    VERSION_REPETIDA = CONFLICT, "version-repetida", "Ya existe esa versión del complemento";
    COMPLEMENTO_DE_OTRO = CONFLICT, "complemento-de-otro-editor", "Ese identificador es de otro editor";
    VERSION_NO_INSTALABLE = CONFLICT, "version-no-instalable", "Esa versión no se puede instalar";
    CONSENTIMIENTO_DISTINTO = CONFLICT, "consentimiento-distinto", "El consentimiento no es lo que el complemento pide";
    YA_INSTALADO = CONFLICT, "complemento-instalado", "El complemento ya está instalado";
    COMPLEMENTO_INCOMPLETO = CONFLICT, "complemento-incompleto", "Falta configurar el complemento";
    EN_CUARENTENA = CONFLICT, "complemento-en-cuarentena", "El complemento está en cuarentena";
    SIN_CUARENTENA = CONFLICT, "complemento-sin-cuarentena", "El complemento no está en cuarentena";
    SOLO_SANDBOX = CONFLICT, "solo-en-pruebas", "Esa versión solo corre en modo de pruebas";
    EN_CAMBIO = CONFLICT, "complemento-en-cambio", "El complemento se está actualizando";
    SIN_VERSION_ANTERIOR = CONFLICT, "sin-version-anterior", "No hay una versión a la que volver";
    ACTUALIZACION_FALLIDA = CONFLICT, "actualizacion-fallida", "La versión nueva no pudo hacerse cargo";
    DEMASIADOS_COMPLEMENTOS = CONFLICT, "demasiados-complementos", "La cadena ya tiene el máximo de complementos";
    DEMASIADAS_VERSIONES = TOO_MANY_REQUESTS, "demasiadas-versiones", "Hay demasiadas versiones en examen";
}
