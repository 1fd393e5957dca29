#include "json.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

struct walk {
    char *at;
    struct path path;
    void (*leaf)(const struct path *, const char *);
    void (*end)(const struct path *);
};

static int value(struct walk *w);

static char next(struct walk *w)
{
    while (isspace((unsigned char)*w->at)) w->at++;
    return *w->at;
}

/* A text; of its escapes only the backslash goes, for names and numbers have none. */
static char *text(struct walk *w)
{
    char *start = ++w->at, *to = start;
    for (; *w->at && *w->at != '"'; w->at++) {
        if (*w->at == '\\' && !*++w->at) return NULL;
        *to++ = *w->at;
    }
    if (!*w->at) return NULL;
    w->at++;
    *to = 0;
    return start;
}

/* Number, true, false or null: handed on as it stands, and the byte after it put back. */
static int word(struct walk *w)
{
    size_t length = strcspn(w->at, ",]} \t\r\n");
    char *start = w->at, after = start[length];
    if (!length) return -1;
    start[length] = 0;
    w->leaf(&w->path, start);
    start[length] = after;
    w->at += length;
    return 0;
}

static int members(struct walk *w, char last)
{
    if (w->path.depth == DEEPEST) return -1;
    const char **key = &w->path.keys[w->path.depth++];
    w->at++;
    for (char c = next(w); c != last; c = next(w)) {
        *key = NULL;
        if (last == '}') {
            if (c != '"' || !(*key = text(w)) || next(w) != ':') return -1;
            w->at++;
        }
        if (value(w)) return -1;
        if (next(w) == ',') w->at++;
        else if (*w->at != last) return -1;
    }
    w->at++;
    w->path.depth--;
    if (last == '}') w->end(&w->path);
    return 0;
}

static int value(struct walk *w)
{
    char c = next(w), *found;
    if (c == '{') return members(w, '}');
    if (c == '[') return members(w, ']');
    if (c != '"') return word(w);
    if (!(found = text(w))) return -1;
    w->leaf(&w->path, found);
    return 0;
}

int json_walk(char *json, void (*leaf)(const struct path *, const char *), void (*end)(const struct path *))
{
    struct walk w = {.at = json, .leaf = leaf, .end = end};
    return value(&w) || next(&w) ? -1 : 0;
}
