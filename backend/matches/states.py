"""What may follow what: decisions about a match, and the states of an introduction."""

from .models import Decision, Introduction, Match

_M, _K, _S = Match.State, Decision.Kind, Introduction.State

DECISIONS: dict[str, dict[str, str]] = {
    _M.PROPOSED: {
        _K.SHORTLIST: _M.SHORTLISTED,
        _K.DISMISS: _M.DISMISSED,
        _K.SNOOZE: _M.PROPOSED,
        _K.SHE_SAYS_YES: _M.ACCEPTED,
        _K.SHE_SAYS_NO: _M.DECLINED,
        _K.SHE_SAYS_LATER: _M.PROPOSED,
    },
    _M.SHORTLISTED: {
        _K.DISMISS: _M.DISMISSED,
        _K.SNOOZE: _M.SHORTLISTED,
        _K.SHE_SAYS_YES: _M.ACCEPTED,
        _K.SHE_SAYS_NO: _M.DECLINED,
        _K.SHE_SAYS_LATER: _M.SHORTLISTED,
    },
    _M.DISMISSED: {_K.SHORTLIST: _M.SHORTLISTED, _K.SHE_SAYS_YES: _M.ACCEPTED},
    _M.ACCEPTED: {_K.DISMISS: _M.DISMISSED, _K.SHE_SAYS_NO: _M.DECLINED, _K.SHE_SAYS_LATER: _M.SHORTLISTED},
    _M.DECLINED: {_K.SHORTLIST: _M.SHORTLISTED, _K.SHE_SAYS_YES: _M.ACCEPTED},
}
"""For each state of a match, the decisions it takes and the state each leads to."""

_EXITS = frozenset({_S.DECLINED_BY_HER, _S.FROZEN, _S.WITHDRAWN})
_EMPLOYER_EXITS = _EXITS | {_S.DECLINED_BY_EMPLOYER}

TRANSITIONS: dict[str, frozenset[str]] = {
    _S.PROPOSED: _EXITS | {_S.AGREED_BY_HER},
    # She is asked again when the opening has changed since.
    _S.AGREED_BY_HER: _EXITS | {_S.AGREED_BY_HER, _S.SHARED_BLIND},
    _S.SHARED_BLIND: _EMPLOYER_EXITS | {_S.INTERESTED, _S.LAPSED},
    _S.INTERESTED: _EMPLOYER_EXITS | {_S.CONSENTED},
    _S.CONSENTED: _EMPLOYER_EXITS | {_S.CONSENTED, _S.IDENTIFIED},
    _S.IDENTIFIED: _EMPLOYER_EXITS | {_S.INTERVIEW, _S.TRIAL, _S.OFFER, _S.HIRED},
    _S.INTERVIEW: _EMPLOYER_EXITS | {_S.INTERVIEW, _S.TRIAL, _S.OFFER, _S.HIRED},
    _S.TRIAL: _EMPLOYER_EXITS | {_S.OFFER, _S.HIRED},
    _S.OFFER: _EMPLOYER_EXITS | {_S.HIRED},
    **{ended: frozenset() for ended in Introduction.ENDED},
}
"""For each state of an introduction, the states that may follow it."""
