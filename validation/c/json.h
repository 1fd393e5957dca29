/* Reading JSON without a library: one callback for each text or number, with the keys that lead to it. */

#ifndef JSON_H
#define JSON_H

enum { DEEPEST = 16 };

struct path {
    int depth;
    const char *keys[DEEPEST]; /* NULL for the elements of a list. */
};

/* `leaf` is called for each text and number, `end` at the end of each object. Returns 0, or -1 if it is not JSON.
   The text is changed: keys and values end in a zero byte. */
int json_walk(char *text, void (*leaf)(const struct path *, const char *), void (*end)(const struct path *));

#endif
