"""The privacy notice of the demo city, agreed to by everybody who is there from the beginning."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from egovframe.actor import SYSTEM
from egovframe.core.auth import Account
from egovframe.core.i18n import Translated
from egovframe.core.modules.privacy import give_consent, newest_versions, publish_notice

CODE = "privacy"
TITLE = {"en": "Privacy notice", "ko": "개인정보 처리 안내", "ar": "إشعار الخصوصية"}
BODY = {
    "en": (
        "The city of Saebit keeps what you tell us for one purpose: to do what you ask of us.\n\n"
        "Your account holds your name and your e-mail address. A complaint holds its place and what you wrote; the "
        "contact that you give with it is seen only by the officials in charge, and each look is written down.\n\n"
        "Messages stay for one year, finished complaints for five years, unfinished ones for a week. You can see, "
        "correct, take along and erase your data under “My data” at any time.\n\n"
        "We give your data to nobody outside the city unless a law demands it. Questions: privacy@demo.example."
    ),
    "ko": (
        "새빛시는 여러분이 요청한 일을 처리하기 위해서만 여러분의 정보를 보관합니다.\n\n"
        "계정에는 이름과 이메일 주소가 있습니다. 민원에는 장소와 작성한 내용이 있습니다. 함께 적은 연락처는 "
        "담당 공무원만 볼 수 있으며, 볼 때마다 기록이 남습니다.\n\n"
        "메시지는 1년, 처리가 끝난 민원은 5년, 작성하다 만 민원은 1주일 동안 보관합니다. ‘내 정보’에서 "
        "언제든지 자신의 정보를 확인하고, 바로잡고, 내려받고, 지울 수 있습니다.\n\n"
        "법률이 요구하지 않는 한 시 밖의 누구에게도 정보를 제공하지 않습니다. 문의: privacy@demo.example"
    ),
    "ar": (
        "تحتفظ مدينة سيبيت بما تخبرنا به لغرض واحد: أن ننجز ما تطلبه منا.\n\n"
        "يضم حسابك اسمك وعنوان بريدك الإلكتروني. وتضم الشكوى مكانها وما كتبته؛ أما وسيلة الاتصال التي تذكرها معها "
        "فلا يراها إلا الموظفون المسؤولون، ويُسجَّل كل اطلاع عليها.\n\n"
        "تبقى الرسائل سنة واحدة، والشكاوى المنتهية خمس سنوات، وغير المكتملة أسبوعًا. ويمكنك في أي وقت "
        "أن تطّلع على بياناتك وتصححها وتنزّلها وتمحوها من صفحة «بياناتي».\n\n"
        "لا نعطي بياناتك لأي جهة خارج المدينة إلا إذا أوجب القانون ذلك. للأسئلة: privacy@demo.example"
    ),
}


def publish_demo_notice(session: Session) -> None:
    """Publish the notice once, and note that every demo account has agreed: nobody is stopped on a tour."""
    if newest_versions(session):
        return
    title, body = Translated.from_texts("en", TITLE), Translated.from_texts("en", BODY)
    version = publish_notice(session, SYSTEM, CODE, kind="privacy", title=title, body=body)
    for account_id in session.scalars(select(Account.id).where(Account.is_demo).order_by(Account.id)).all():
        give_consent(session, SYSTEM, account_id, [version.id])
