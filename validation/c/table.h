/* What the two tables of formulas, for float and for double, hand to the program that asks them. */

#ifndef TABLE_H
#define TABLE_H

enum { MOST = 6 };

/* One function: `results` are the names of what it gives, separated by spaces. It returns NULL, or what is wrong. */
struct entry {
    const char *function;
    const char *results;
    const char *(*call)(const double *given, double *made);
};

extern const struct entry floats[];
extern const struct entry doubles[];

#endif
