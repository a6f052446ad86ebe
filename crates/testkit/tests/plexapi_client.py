"""What an independent client of Plex can do against the stand-in. Run by plexapi.rs, which reads what it prints.

Arguments: URL of the account, URL of the server, its owner's token, a friend's token, URL of a generated server.
"""

import sys
from datetime import datetime

import plexapi.myplex as myplex
from plexapi.exceptions import BadRequest, NotFound, Unauthorized
from plexapi.server import PlexServer

account_url, server_url, token, friend_token, large_url, large_token = sys.argv[1:7]

# Its account is a string in its classes.
for kind in (myplex.MyPlexAccount, myplex.MyPlexPinLogin, myplex.MyPlexResource, myplex.MyPlexUser):
    for name, value in list(vars(kind).items()):
        if isinstance(value, str) and value.startswith(("https://plex.tv", "https://clients.plex.tv")):
            setattr(kind, name, account_url + value.split(".tv", 1)[1])


def say(what, *found):
    print("-", what, *found, flush=True)


def refused(kind, action):
    try:
        action()
    except kind:
        return True
    raise AssertionError(f"not refused with {kind.__name__}")


# Sign in. What the test answers to a question on standard output, a person would do in the browser.
pin = myplex.MyPlexPinLogin()
code = pin.pin
assert len(code) == 4 and not pin.checkLogin(), code
print("ENTER", code, flush=True)
assert sys.stdin.readline().strip() == "done"
assert pin.checkLogin() and pin.token
say("signed in with PIN", code)

linked = myplex.MyPlexPinLogin(oauth=True)
assert "code=" in linked.oauthUrl()
print("DENY", linked._code, flush=True)
assert sys.stdin.readline().strip() == "done"
assert not linked.checkLogin() and linked.expired
say("a denied PIN ends the wait")

assert refused(Unauthorized, lambda: myplex.MyPlexAccount(token="wrong"))
account = myplex.MyPlexAccount(token=pin.token)
resources = {resource.name: resource for resource in account.resources()}
assert set(resources) == {"Home", "Theirs", "Browser"}, resources
home, theirs = resources["Home"], resources["Theirs"]
kinds = [(c.local, c.relay, c.protocol) for c in home.connections]
assert kinds == [(True, False, "https"), (True, False, "http"), (False, False, "https"), (False, True, "https")], kinds
assert home.owned and not theirs.owned and theirs.sourceTitle == "friend" and theirs.accessToken != home.accessToken
assert account.users()[0].get_token(home.clientIdentifier) == friend_token
say("account", account.username, "has", ", ".join(sorted(resources)))

plex = home.connect(timeout=5)
assert plex.friendlyName == "Home" and plex._baseurl == server_url, plex._baseurl
say("connected to", plex.friendlyName, plex.version, "by the connection that answers")
assert refused(Unauthorized, lambda: PlexServer(server_url, "wrong"))

movies, shows = plex.library.section("Movies"), plex.library.section("TV Shows")
assert [s.type for s in plex.library.sections()] == ["movie", "show", "artist"] and movies.locations == ["/data/Movies"]
films = movies.all()
assert len(films) == movies.totalSize == 11, len(films)
say("sections", [s.title for s in plex.library.sections()], "with", len(films), "films")


# Items with their streams.
def streams(title):
    film = next(film for film in films if film.title == title).reload()
    return film, film.media[0].parts[0].videoStreams()[0], film.media[0].parts[0].audioStreams()


video = {}
for film in films:
    _, picture, sounds = streams(film.title)
    video[film.title] = picture
    dovi = f"profile {picture.DOVIProfile}.{picture.DOVIBLCompatID}" if picture.DOVIPresent else ""
    say(f"{film.title}: {picture.extendedDisplayTitle} {picture.colorTrc} {dovi}|", "; ".join(s.displayTitle for s in sounds))
assert video["Ten"].colorTrc == "smpte2084" and video["Ten"].bitDepth == 10 and not video["Ten"].DOVIPresent
assert "HDR10+" in video["Ten Plus"].displayTitle and video["Gamma"].colorTrc == "arib-std-b67"
assert [(video[t].DOVIProfile, video[t].DOVIBLCompatID) for t in ("Vision Five", "Vision Seven", "Vision Eight")] == [
    (5, 0), (7, 6), (8, 1)]
assert video["Vision Seven"].DOVIELPresent and not video["Vision Eight"].DOVIELPresent
assert "Atmos" in streams("Ten")[2][0].displayTitle and "Atmos" in streams("Vision Seven")[2][0].title
assert "DTS:X" in streams("Gamma")[2][0].displayTitle and "DTS:X" in streams("Vision Eight")[2][0].title
assert streams("Gamma")[0].media[0].audioCodec == "dca" and streams("Gamma")[2][0].profile == "ma"
twice = next(film for film in films if film.title.startswith("The Twice"))
assert twice.title == 'The Twice & "More" <été>' and twice.titleSort.startswith("Twice")
assert [(m.videoResolution, m.container) for m in twice.media] == [("1080", "mkv"), ("480", "mkv")]
assert len(streams("Long")[0].media[0].parts) == 2 and streams("Long")[0].media[0].duration == 2 * 5_400_000
subtitles = streams("Beside")[0].media[0].parts[0].subtitleStreams()
assert [s.codec for s in subtitles] == ["pgs", "ass", "srt"] and [s.forced for s in subtitles] == [True, False, True]
assert subtitles[2].key and subtitles[2].languageCode == "deu"
several = plex.fetchItems([film.ratingKey for film in films[:4]])
assert [f.ratingKey for f in several] == [f.ratingKey for f in films[:4]] and several[0].media[0].parts[0].streams
assert twice.guids and twice.genres and twice.directors and twice.year == 2001

serial = shows.get("Serial")
assert [s.index for s in serial.seasons()] == [0, 1, 2] and len(serial.episodes()) == serial.leafCount == 5
one, two = serial.episode(season=1, episode=1), serial.episode(season=1, episode=2)
assert one.media[0].parts[0].file == two.media[0].parts[0].file and one.ratingKey != two.ratingKey
assert one.seasonEpisode == "s01e01" and one.grandparentTitle == "Serial" and len(shows.all(libtype="episode")) == 5
say("show", serial.title, "with", [(e.seasonEpisode, e.title) for e in serial.episodes()])

# Paging, sorting, filters.
large = PlexServer(large_url, large_token)
section = large.library.section("Films")
total = section.totalViewSize()
page = section.search(container_start=100, container_size=50, maxresults=50, sort="addedAt:desc")
assert len(page) == 50 and page.totalSize == total and page.offset == 100, (len(page), page.totalSize, total)
everything = section.all(container_size=37)
assert len({film.ratingKey for film in everything}) == len(everything) == total
newest = section.search(sort="addedAt:desc", maxresults=5)
assert [f.addedAt for f in newest] == sorted((f.addedAt for f in everything), reverse=True)[:5]
since = newest[-1].addedAt
recent = section.search(filters={"addedAt>>": since})
assert recent and all(f.addedAt > since for f in recent)
changed = section.fetchItems(f"/library/sections/{section.key}/all?type=1&updatedAt>={int(newest[2].updatedAt.timestamp())}")
assert 3 <= len(changed) < total and all(f.updatedAt >= newest[2].updatedAt for f in changed)
say("paged through", total, "films of", sum(s.totalViewSize(libtype="movie" if s.type == "movie" else "episode")
                                             for s in large.library.sections()), "items; changed since:", len(changed))

# Searching.
assert [f.title for f in movies.search(title="vision")] == [
    "Vision Eight", "Vision Eight Four", "Vision Five", "Vision Seven"]
assert [f.title for f in movies.search(year=1999)] == ["Long"]
assert [f.title for f in plex.search("long", mediatype="movie")] == ["Long"]
assert refused(NotFound, lambda: movies.get("Nothing of that name"))
say("search finds", [f.title for f in movies.search(title="vision")])

# Collections.
collection = movies.createCollection("Small & fine", items=films[:2])
collection.addItems(films[1:5])
collection.reload()
assert collection.childCount == 5 == len(collection.items()) and collection.subtype == "movie"
collection.removeItems(films[0])
collection = movies.collection("Small & fine")
assert [f.ratingKey for f in collection.items()] == [f.ratingKey for f in films[1:5]]
assert {c.title for c in movies.collections()} == {"Doubles", "Small & fine"}
assert "Small & fine" in [tag.tag for tag in films[2].reload().collections]
bulk = section.createCollection("Many", items=everything[:300])
for start in range(300, 500, 100):
    bulk.addItems(everything[start:start + 100])
assert len(section.collection("Many").items()) == 500
collection.delete()
assert [c.title for c in movies.collections()] == ["Doubles"]
say("made, filled, emptied and removed a collection; one of 500 in chunks")

# Watched.
film = films[0].reload()
assert film.viewCount == 0 and not film.isPlayed
film.markPlayed().reload()
assert film.viewCount == 1 and film.isPlayed and film.lastViewedAt
film.markUnplayed().reload()
assert film.viewCount == 0 and film.lastViewedAt is None
serial.markPlayed().reload()
assert serial.viewedLeafCount == 5
say("marked as watched and as not")

history = plex.history()
assert [(entry.title, entry.accountID) for entry in history] == [
    (twice.title, 1), ("Beside", 7), (twice.title, 1)], history
assert twice.reload().viewCount == 2 and len(plex.history(mindate=datetime.fromtimestamp(1_700_100_000))) == 1
assert len(plex.history(ratingKey=twice.ratingKey)) == 2 and len(plex.history(maxresults=2)) == 2
assert len(large.history()) > 200
friend = PlexServer(server_url, friend_token)
assert [entry.title for entry in friend.history()] == ["Beside"]
assert friend.library.section("Movies").get("Beside").viewCount == 1
assert refused(BadRequest, lambda: friend.library.section("Movies").createCollection("No", items=films[:1]))
say("history", [(entry.title, entry.accountID) for entry in history])

playing = plex.sessions()
assert [(s.title, s.usernames, s.player.state) for s in playing] == [("Long", ["kid"], "playing")], playing
say("playing now", [(s.title, s.usernames) for s in playing])

# What becomes of files. The test has put another file in the place of one; the server has not looked yet.
plain = movies.get("Plain")
before = plain.media[0].parts[0].size
plain.reload()
assert plain.media[0].videoCodec == "h264"
movies.update(path="/data/Movies/Ten (2020)")
assert plain.reload().media[0].videoCodec == "h264"
movies.update(path="/data/Movies/Plain (2020)")
plain.reload()
assert plain.media[0].videoCodec == "hevc" and plain.media[0].parts[0].size != before
plain.analyze()
plain.refresh()
plain.editAddedAt(1_600_000_000)
assert plain.reload().addedAt == datetime.fromtimestamp(1_600_000_000)
say("a partial scan noticed the new file; the added date was put right")

assert len(plex.systemAccounts()) == 2 and plex.settings.get("friendlyName").value == "Home"
image = plex._session.get(plex.url(twice.thumb, includeToken=True))
small = plex._session.get(plex.transcodeImage(twice.thumb, height=90, width=60))
assert image.headers["Content-Type"] == small.headers["Content-Type"] == "image/jpeg"
assert image.content[:2] == b"\xff\xd8" and len(small.content) < len(image.content)
print("DONE", flush=True)
