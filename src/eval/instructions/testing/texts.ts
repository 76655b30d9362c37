/** Sentences written for the tests of instruction checkers. */

export const ENGLISH: readonly string[] = [
  'The harbour was quiet when the first boats came back.',
  'Dr. Marlow counted the crates twice, and then once more!',
  'Nobody had asked for a report, yet there it was.',
  'Prices rose by 3.5 percent in March, from 41.20 to 42.64.',
  'Why would anyone store salt in a clock tower?',
  'It was late... The lamps had been out for hours.',
  'She said "We open at nine." and closed the door.',
  'We met at 5 p.m. on the old bridge near the mill.',
  'Mr. J. Verhoef and Mrs. Tan signed for Corvid Ltd. on Friday.',
  'He brought rope, wire, tape etc. and a very small hammer.',
  'The U.S. office sent three people; the U.K. office sent none.',
  'Is that all? Yes, that is all.',
  'Stop! Do not touch the blue lever!!',
  "It's a long way, isn't it?",
  'The quick answer is no (see note 4).',
  'My answer is yes.',
  'Everything else, I am told, is in the annex.',
  'Their ledger lists 12 mules, 3 carts and one bell.',
  'Some gardens thrive on neglect; others do not.',
  'This plan costs less than the last one did.',
  'A summary follows: buy early, sell rarely, sleep well.',
  'Rain fell on the market, but the stalls stayed open.',
  'Bring the NORTH gate key and the ID card, not the OLD map.',
  'I think that the I-beam cannot hold.',
  "DON'T PANIC, said the sign.",
  'Firms bond over bad coffee and good contracts.',
  'visit the shop at finery.example or write to us',
  'no full stop ends this line',
  'Wait for me.. I am nearly there.',
  'The vote was 7 vs. 5, as Prof. Adeyemi had guessed.',
];

/** By the benchmark's code of their language. */
export const OTHER_LANGUAGES: Readonly<Record<string, readonly string[]>> = {
  es: [
    'El puerto estaba tranquilo cuando volvieron los primeros barcos.',
    'No sabemos por qué la torre guarda tanta sal, pero es muy antigua.',
  ],
  pt: [
    'O porto estava calmo quando os primeiros barcos voltaram.',
    'Não sabemos por que a torre guarda tanto sal, mas ela é muito antiga.',
  ],
  fr: [
    'Le port était calme quand les premiers bateaux sont revenus.',
    'Nous ne savons pas pourquoi la tour garde autant de sel, mais elle est très ancienne.',
  ],
  de: [
    'Der Hafen war ruhig, als die ersten Boote zurückkamen.',
    'Wir wissen nicht, warum der Turm so viel Salz birgt, aber er ist sehr alt.',
  ],
  it: [
    'Il porto era tranquillo quando le prime barche sono tornate.',
    'Non sappiamo perché la torre contiene tanto sale, ma è molto antica.',
  ],
  pl: [
    'Port był spokojny, kiedy wróciły pierwsze łodzie.',
    'Nie wiemy, dlaczego w wieży jest tyle soli, ale jest ona bardzo stara.',
  ],
  fi: [
    'Satama oli hiljainen, kun ensimmäiset veneet palasivat.',
    'Emme tiedä, miksi tornissa on niin paljon suolaa, mutta se on hyvin vanha.',
  ],
  vi: [
    'Bến cảng rất yên tĩnh khi những chiếc thuyền đầu tiên trở về.',
    'Chúng tôi không biết vì sao tháp có nhiều muối như vậy, nhưng nó rất cũ.',
  ],
  sw: [
    'Bandari ilikuwa tulivu wakati boti za kwanza zilirudi kwa watu wake.',
    'Hatujui kwa nini mnara huo una chumvi nyingi, lakini ni wa zamani sana.',
  ],
  ru: [
    'В гавани было тихо, когда вернулись первые лодки.',
    'Мы не знаем, почему в этой башне так много соли, но она очень старая.',
  ],
  uk: [
    'У гавані було тихо, коли повернулися перші човни.',
    'Ми не знаємо, чому в цій вежі так багато солі, але вона дуже стара.',
  ],
  bg: [
    'Пристанището беше тихо, когато първите лодки се върнаха.',
    'Не знаем защо в тази кула има толкова много сол, но тя е много стара.',
  ],
  ar: ['كان الميناء هادئا عندما عادت القوارب الأولى.', 'لا نعرف لماذا يوجد كل هذا الملح في البرج، لكنه قديم جدا.'],
  fa: [
    'بندر آرام بود وقتی که نخستین قایق‌ها برگشتند.',
    'ما نمی‌دانیم چرا این برج این همه نمک دارد، اما بسیار قدیمی است.',
  ],
  ur: [
    'جب پہلی کشتیاں واپس آئیں تو بندرگاہ خاموش تھی۔',
    'ہم نہیں جانتے کہ اس مینار میں اتنا نمک کیوں ہے، لیکن یہ بہت پرانا ہے۔',
  ],
  hi: ['जब पहली नावें लौटीं तो बंदरगाह शांत था।', 'हम नहीं जानते कि इस मीनार में इतना नमक क्यों है, लेकिन यह बहुत पुरानी है।'],
  mr: ['पहिल्या होड्या परत आल्या तेव्हा बंदर शांत होते.', 'या मनोऱ्यात इतके मीठ का आहे हे आम्हाला माहीत नाही, पण तो खूप जुना आहे.'],
  ne: ['पहिलो डुङ्गा फर्किंदा बन्दरगाह शान्त थियो।', 'यो धरहरामा यति धेरै नुन किन छ भनेर हामीलाई थाहा छैन, तर यो धेरै पुरानो छ।'],
  ja: ['最初の船が戻ったとき、港は静かでした。', 'なぜ塔に塩がたくさんあるのか分かりませんが、とても古いです。'],
  ko: ['첫 배들이 돌아왔을 때 항구는 조용했습니다.', '탑에 왜 소금이 그렇게 많은지 모르지만 아주 오래되었습니다.'],
  th: ['ท่าเรือเงียบสงบเมื่อเรือลำแรกกลับมา', 'เราไม่รู้ว่าทำไมหอคอยมีเกลือมากมาย แต่มันเก่ามาก'],
  bn: ['প্রথম নৌকাগুলি ফিরে আসার সময় বন্দর শান্ত ছিল।', 'আমরা জানি না কেন এই টাওয়ারে এত লবণ আছে, কিন্তু এটি খুব পুরানো।'],
  ta: ['முதல் படகுகள் திரும்பியபோது துறைமுகம் அமைதியாக இருந்தது.', 'கோபுரத்தில் ஏன் இவ்வளவு உப்பு உள்ளது என்று தெரியவில்லை.'],
  te: ['మొదటి పడవలు తిరిగి వచ్చినప్పుడు ఓడరేవు ప్రశాంతంగా ఉంది.', 'గోపురంలో ఇంత ఉప్పు ఎందుకు ఉందో మాకు తెలియదు.'],
  kn: ['ಮೊದಲ ದೋಣಿಗಳು ಮರಳಿದಾಗ ಬಂದರು ಶಾಂತವಾಗಿತ್ತು.', 'ಗೋಪುರದಲ್ಲಿ ಇಷ್ಟು ಉಪ್ಪು ಏಕೆ ಇದೆ ಎಂದು ನಮಗೆ ತಿಳಿದಿಲ್ಲ.'],
  ml: ['ആദ്യത്തെ ബോട്ടുകൾ മടങ്ങിയെത്തിയപ്പോൾ തുറമുഖം ശാന്തമായിരുന്നു.', 'ഗോപുരത്തിൽ ഇത്ര ഉപ്പ് എന്തിനാണെന്ന് ഞങ്ങൾക്കറിയില്ല.'],
  gu: ['પહેલી હોડીઓ પાછી આવી ત્યારે બંદર શાંત હતું.', 'ટાવરમાં આટલું મીઠું કેમ છે તે અમને ખબર નથી.'],
  pa: ['ਜਦੋਂ ਪਹਿਲੀਆਂ ਕਿਸ਼ਤੀਆਂ ਵਾਪਸ ਆਈਆਂ ਤਾਂ ਬੰਦਰਗਾਹ ਸ਼ਾਂਤ ਸੀ।', 'ਸਾਨੂੰ ਨਹੀਂ ਪਤਾ ਕਿ ਮੀਨਾਰ ਵਿੱਚ ਇੰਨਾ ਲੂਣ ਕਿਉਂ ਹੈ।'],
  he: ['הנמל היה שקט כאשר הסירות הראשונות חזרו.', 'איננו יודעים מדוע יש כל כך הרבה מלח במגדל.'],
};
