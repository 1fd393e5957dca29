/* subject OUTPUTS SET...: answer the cases of the exported sets, and write the answers. */

#include "json.h"
#include "table.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct {
    const char *id, *function, *dtype;
    double arguments[8];
    int count;
} one;

static FILE *out;
static const char *separator = "";

static const struct entry *find(const struct entry *table, const char *name)
{
    while (table->function && strcmp(table->function, name) != 0) table++;
    return table->function ? table : NULL;
}

static void number(double x)
{
    if (isnan(x)) fputs("\"nan\"", out);
    else if (isinf(x)) fputs(x > 0 ? "\"inf\"" : "\"-inf\"", out);
    else fprintf(out, "%.17g", x);
}

static void answer(void)
{
    const struct entry *entry = find(strcmp(one.dtype, "float32") == 0 ? floats : doubles, one.function);
    if (!entry) return;
    double made[MOST];
    const char *problem = entry->call(one.arguments, made);
    fprintf(out, "%s\n\"%s\": {", separator, one.id);
    separator = ",";
    if (problem) fprintf(out, "\"error\": \"%s\"", problem);
    else {
        const char *name = entry->results;
        for (int i = 0; *name; i++) {
            int length = (int)strcspn(name, " ");
            fprintf(out, "%s\"%.*s\": ", i ? ", " : "", length, name);
            number(made[i]);
            name += length + (name[length] == ' ');
        }
    }
    fputs("}", out);
}

static int inside(const struct path *path, int depth)
{
    return path->depth == depth && path->keys[0] && strcmp(path->keys[0], "cases") == 0;
}

static void leaf(const struct path *path, const char *text)
{
    if (inside(path, 3)) {
        if (strcmp(path->keys[2], "id") == 0) one.id = text;
        if (strcmp(path->keys[2], "function") == 0) one.function = text;
        if (strcmp(path->keys[2], "dtype") == 0) one.dtype = text;
    } else if (inside(path, 5) && path->keys[2] && strcmp(path->keys[2], "arguments") == 0 &&
               strcmp(path->keys[4], "hex") == 0 && one.count < 8)
        one.arguments[one.count++] = strtod(text, NULL);
}

static void end(const struct path *path)
{
    if (!inside(path, 2)) return;
    answer();
    one.count = 0;
}

static char *contents(const char *name)
{
    FILE *file = fopen(name, "rb");
    if (!file || fseek(file, 0, SEEK_END)) return NULL;
    long size = ftell(file);
    char *text = size < 0 ? NULL : malloc((size_t)size + 1);
    rewind(file);
    if (!text || fread(text, 1, (size_t)size, file) != (size_t)size) return NULL;
    text[size] = 0;
    fclose(file);
    return text;
}

int main(int count, char **names)
{
    if (count < 3 || !(out = fopen(names[1], "w"))) return fputs("usage: subject OUTPUTS SET...\n", stderr), 2;
    fputs("{\"subject\": \"C\", \"outputs\": {", out);
    for (int i = 2; i < count; i++) {
        char *text = contents(names[i]);
        if (!text || json_walk(text, leaf, end)) return fprintf(stderr, "%s: not a set\n", names[i]), 2;
        free(text);
    }
    fputs("\n}}\n", out);
    return fclose(out) ? 2 : 0;
}
