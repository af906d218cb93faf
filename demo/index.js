import {element, origins, relation, shortName} from '/demo.js';

const list = document.querySelector('.origins');
for (const origin of await origins()) {
  const here = origin === location.origin;
  const link = element('a', {href: `${origin}/`}, ...shortName(origin));
  if (here) link.ariaCurrent = 'page';
  list.append(element('li', {}, link, ' ', element('small', {}, here ? 'you are here' : relation(origin))));
}
