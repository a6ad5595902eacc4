import { api } from '@/api/cliente';
import { Elegir } from './Elegir';

export default function Restablecer() {
  return <Elegir cual="restablecer" enviar={(body) => api.POST('/api/v1/cuenta/restablecer', { body })} />;
}
