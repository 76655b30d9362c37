/**
 * Small frequent words of languages that share a script, by ISO 639-1 code. Where two languages have a word in common,
 * both list it; what tells them apart are the words that only one of them has.
 */

export const LATIN: Readonly<Record<string, string>> = {
  en: `the of and to in is that it was for on are with as his they be at this have from or had by not but what all were
    when we there can an your which their said if will each about how up out them she he him her you i my me our us no
    do does did would could should has been more than who into only over also after these some any like just`,
  es: `el la los las de que y en un una es por con no para su al lo como más pero sus le ya o este sí porque esta entre
    cuando muy sin sobre también me hasta hay donde quien desde todo nos durante uno ni contra otros ese eso ante ellos
    esto mí antes algunos qué unos yo otro otra él tanto esa estos mucho cual sea está son ser tiene puede fue nuestro`,
  pt: `o a os as de que e em um uma é por com não para se na no dos das mais mas como ao ele à seu sua ou quando muito nos
    já eu também só pelo pela até isso ela entre depois sem mesmo aos seus quem nas me esse eles você essa num nem suas
    meu às minha numa elas qual nós lhe este está são ser tem pode foi do da nosso você uns`,
  fr: `le la les de des du et à en un une est que qui dans pour pas sur avec au par plus ne se ce il elle sont nous vous
    ils elles mais ou où cette ces son sa ses leur leurs on comme être fait aux été même tout tous si je mon ma mes très
    aussi bien sans ont peut entre après avant chez notre votre quand donc c'est l'on`,
  it: `il lo la i gli le di e che è un una in a da con su per non sono del della dei delle nel nella al alla si ma come più
    anche io tu lui lei noi voi loro questo questa quello quella mi ti ci vi ho ha hanno essere fare dove quando chi cosa
    molto tutto tutti dal dalla sul sulla degli agli ogni perché se o era stato può così già nostro`,
  de: `der die das und in zu den mit von ist des sich nicht dem ein eine als auch es an werden aus er hat dass sie nach
    wird bei einer um am sind noch wie einem über einen so zum war haben nur oder aber vor zur bis mehr durch man sein
    wurde wenn ich du wir ihr mein unser kann schon vom im für auf diese dieser dieses sehr euch uns mir`,
  nl: `de het een van en in is dat op te zijn met voor niet die aan er om ook als dan maar bij uit door naar heeft hij zij
    ze wij we ik je jij jullie hun ons onze mijn nog wel geen worden werd was deze dit tot over meer kan zo wat wie waar
    hebben veel moet al of tegen na`,
  sv: `och att det i en jag hon som han på den med var sig för så till är men ett om hade de av icke mig du henne då sin nu
    har inte hans honom skulle hennes där min man ej vid kunde något från ut när efter upp vi dem vara vad över än dig kan
    sina här ha mot alla under någon eller allt mycket sedan ju denna själv detta åt utan varit hur ingen mitt ni bli`,
  da: `og i jeg det at en den til er som på de med han af for ikke der var mig sig men et har om vi min havde ham hun nu
    over da fra du ud sin dem os op man hans hvor eller hvad skal selv her alle vil blev kunne ind når være dog noget
    ville jo deres efter ned skulle denne end dette mit også under have dig anden hende mine alt meget bliver`,
  no: `og i jeg det at en et den til er som på de med han av ikke der så var meg seg men ett har om vi min mitt ha hadde
    hun nå over da ved fra du ut sin dem oss opp man kan hans hvor eller hva skal selv her alle vil bli ble blitt kunne
    inn når være kom noen noe ville dere deres kun ja etter ned skulle denne for deg si sine mot å meget hvorfor dette`,
  fi: `ja on ei se että hän oli mutta kun niin myös ovat tai jos kuin joka sen mitä minä sinä he me te ole olla olen vain
    nyt tämä nämä jotka hänen minun sinun kanssa ennen jälkeen sekä koska vaan mukaan siitä tässä siellä voi ollut kaikki
    hyvin paljon enemmän sitten vielä aina joten meidän teidän heidän tätä`,
  pl: `i w na z do nie się to że jest o jak za od po ale co czy dla są przez tak tym już tylko jego jej ich może był była
    było które który która być bardzo oraz przed przy pod bez gdy aby lub ma mnie mi ja ty on ona my wy oni nas was
    także tego tej ten ta te więc`,
  cs: `a v se na je že s z do o to i k ve pro za by ale si po jako jsem jsou od tak jeho její jejich které který která byl
    byla bylo nebo když také jen už aby což při mezi více být má bez před může podle až této tento tato není není však
    ještě kde co`,
  sk: `a v sa na je že s z do o to i k vo pre za by ale si po ako som sú od tak jeho jej ich ktoré ktorý ktorá bol bola
    bolo alebo keď tiež len už aby čo pri medzi viac byť má bez pred môže podľa až tento táto nie však ešte kde`,
  hu: `a az és hogy nem is egy ez azt csak van meg mint már de ha vagy volt még el mi kell ki én te ő mert be ezt lesz
    nagyon minden akkor ott itt fel pedig úgy után között szerint saját olyan lehet ezek azok alatt majd most sem aki
    amely volna vannak`,
  ro: `și de la în a cu nu pe un o este că din să se pentru mai care sunt au fi ca al ale ce dar sau lui ei prin după fost
    am are lor această acest foarte când toate tot numai cum noi voi ele fără între până asupra despre poate`,
  tr: `ve bir bu da de için ile çok daha olarak gibi olan ne var ben sen o biz siz onlar ama kadar sonra en her mi mı ya
    değil olduğu şey ki diye bile göre içinde önce tüm ise veya yok oldu olur nasıl neden şu bunu onun benim büyük`,
  vi: `và của là có không được cho trong một các những với này người đã để khi từ đến cũng như ở về nhiều tôi bạn anh chị
    em chúng ta nó ra vào sẽ rất lại làm thì mà hay hoặc theo trên dưới năm ngày đó việc thể nên phải còn nhưng`,
  sw: `na ya wa kwa ni katika za la cha vya kuwa hii huo hiyo au si kama lakini pia sana watu yake wake zake kila baada
    kabla ambayo ambao hivyo ili bila yangu wangu yetu wetu mimi wewe yeye sisi nyinyi wao huu hizi hao hapa kuna
    kutoka hadi tu zaidi mtu mwaka siku nini jinsi lazima`,
  id: `yang dan di dari untuk dengan ini itu pada adalah tidak dalam akan ke oleh sebagai juga ada karena bisa kami kita
    mereka saya anda dia atau telah sudah lebih bahwa dapat hanya seperti menjadi setelah tetapi banyak sangat harus
    para tersebut antara kepada belum lagi jika`,
  tl: `ang ng sa na mga ay at si ito siya ko mo niya para hindi may kung isang ni nang din rin ako ikaw kami tayo sila
    namin natin nila kanilang kanyang aking iyong dahil pero ngunit lang po opo ba wala mayroon upang habang bago`,
  ca: `el la els les de i que en un una és per amb no del al als dels com més però seu seva també o ja aquest aquesta són
    hi ha ho entre quan molt sense sobre fins on qui des tot ens durant ser està pot va nostre jo ell`,
  hr: `i u je na se da za su s od kao koji koja koje ne to a o iz do ali bi biti bio bila bilo ili kako već još samo po
    nije sam smo ste njegov njezin njihov ovaj ova ovo taj ta te sve više između prema kada gdje što zbog može nakon`,
  sl: `in je v na se da za so z s ki od kot pa ne to po bi ali iz do pri tudi biti bil bila bilo še že samo ni sem smo
    ste njegov njen njihov ta te vse več med proti ko kjer kaj zaradi lahko zelo ker ampak če`,
  et: `ja on ei see et ta oli kui ka mis aga või oma selle kes ning siis nii mina sina tema meie teie nad olema pole veel
    juba väga ainult nagu kõik üks seda mida pärast enne koos ilma kuid sest neid olid`,
  lv: `un ir no ar uz par kas tas ka lai bet kā arī vai pēc tā to nav bija pie līdz es tu viņš viņa mēs jūs viņi ļoti
    tikai vēl jau ja viss šis šī savu pirms starp tiek būt var`,
  lt: `ir yra kad su į iš tai ne per kaip bet ar jo jos jų dar buvo už po prie nuo iki apie aš tu jis ji mes jūs jie labai
    tik jau jei visi šis ši savo prieš tarp būti gali kuris kuri taip pat nėra`,
  af: `die van en in is het dat nie vir met om te op aan was as ek jy hy sy ons hulle julle my sal ook maar wat hierdie
    daar kan word of uit na so baie moet by deur nog toe net meer`,
  sq: `dhe të në e i për me që një është nga nuk si se do janë por ka më edhe kjo ky ishte unë ti ai ajo ne ju ata shumë
    vetëm ose mund pas para mes tyre tij saj këtë duke`,
};

export const CYRILLIC: Readonly<Record<string, string>> = {
  ru: `и в не на я что он с как это по но они мы она так его же от за из у то о для был была было были все бы если есть
    когда уже или ни быть него до вас ещё еще нет меня чтобы после только может очень при эта этот эти который которые
    также их ей ты вы мне нас мой`,
  uk: `і в не на я що він з як це по але вони ми вона так його ж від за із у то про для був була було були всі б якщо є
    коли вже або ні бути нього до вас ще немає мене щоб після тільки може дуже при ця цей ці який які також їх їй ти ви
    мені нас мій та й`,
  bg: `и в не на аз че той с как това по но те ние тя така го от за из у то до съм си е са беше бяха всички би ако има
    когато вече или нито да се него вас още няма ме след само може много при тази този тези който които също им й ти вие
    ми ни със във към`,
  mk: `и во не на јас што тој со како ова по но тие ние таа така го од за из до сум си е се беа беше сите би ако има кога
    веќе или да него вас уште нема ме само може многу при оваа овој овие кој кои исто им ти вие ми нѐ`,
  sr: `и у не на ја што он са као ово по али они ми она тако га од за из до сам си је су био била било сви би ако има када
    већ или да њега вас још нема ме само може много при ова овај ови који које такође им ти ви нас се`,
};

export const DEVANAGARI: Readonly<Record<string, string>> = {
  hi: `है हैं और के की का में से को यह वह नहीं पर भी एक ने कि इस हो था थी थे तो ही लिए कर या साथ अपने जो बहुत मैं हम आप वे कुछ किया
    जाता जाती करने होता होती रहा रहे सकते हुए बाद तक सभी उस उनके गया`,
  mr: `आहे आहेत आणि च्या चा ची चे मध्ये हे ही हा ते ती तो नाही पण एक या व की असे होते होता होती तर मी आम्ही आपण तुम्ही त्यांनी
    त्या त्याच्या साठी खूप काही केले करून करण्यासाठी झाले असतात असते म्हणून किंवा सर्व आपल्या मला यांनी`,
  ne: `छ छन् र को का की मा ले लाई यो त्यो हो होइन पनि एक भने गर्न गर्छ गर्छन् भएको भयो थियो थिए हामी तपाईं म उनी उनले धेरै लागि
    सँग गरेको हुन्छ हुन् गर्ने यस त्यस सबै केही पछि तर वा छैन आफ्नो मलाई`,
};

export const ARABIC: Readonly<Record<string, string>> = {
  ar: `في من على إلى أن عن مع هذا هذه التي الذي كان كانت لا ما هو هي كما بين بعد قبل أو ثم قد كل لم لن إذا حيث ذلك تلك غير
    أي نحن أنا أنت هم و يا منذ حتى عند لكن يمكن`,
  fa: `در از به که این را با است برای آن یک خود تا می بر هم نیز شده شد کرد ها های اما یا اگر باید بود ما من شما او آنها همه
    چه نیست دارد کند کنید هر پس بین بسیار بیشتر بعد`,
  ur: `ہے ہیں اور کے کی کا میں سے کو یہ وہ نہیں پر بھی ایک نے کہ اس ہو تھا تھی تھے تو ہی لیے کر یا ساتھ اپنے جو بہت ہم آپ کچھ
    کیا جاتا کرنے ہوتا رہا گیا بعد تک سب`,
};
