/* wedge.c: the wedge's state machine. Plain, not shared between threads.
 *
 * Characters come from a private XKB state with the scanner's layout, to which only Shift, Control
 * and AltGr are fed: neither the session's layout nor Caps Lock can change a code. (Num Lock is
 * always on: scanners that use the keypad mean its digits.)
 *
 * Rhythm tells scanner from person. A character's step is the longest pause between two key presses
 * on the way to it, so a Shift that takes a turn of its own counts like one that does not; a burst
 * is judged by its mean step. Scanners send a key every 1 to 100 ms, quick typists every 100 to
 * 200, and nobody types four keys 48 ms apart. */
#include "config.h"

#include "capture/wedge.h"

#include <string.h>
#include <xkbcommon/xkbcommon.h>

#include "base/aim.h"
#include "base/error.h"
#include "base/scan.h"

#define KEY_CODES 1024
#define KEY_NUM_LOCK 77

/* Press and release of the key and of a Shift. */
#define HELD_MAX (4 * BIPE_SCAN_CODE_MAX)

/* Pauses, in milliseconds. One that is as long ends the burst. */
#define PAUSE_TEXT 60        /* a text field waits no longer for what was typed into it */
#define PAUSE_TEXT_QUICK 150 /* but the burst is quick already: the machine may be busy */
#define PAUSE_SHORTCUT 60    /* a person at once expects what the key does */
#define PAUSE_SPACE 160
#define PAUSE 250

/* Mean steps, in milliseconds: some above the scanner's own, since hosts are late, never early. */
#define MEAN_QUICK 48 /* 40 */
#define MEAN_SLOW 125 /* 100 */

#define AFTERMATH 500  /* Enter so soon after a burst belongs to it */
#define SPLIT_TEXT 120 /* a burst so soon after keys given back may have lost its head to them */
#define SPLIT 400
#define REPEAT_MAX 1000 /* no keyboard repeats a key more slowly */

#define N_RHYTHMS 4
#define RHYTHM_CHARS 6   /* that a burst must have to tell a rhythm */
#define RHYTHM_SPREAD 10 /* between its shortest and longest step */
#define RHYTHM_TRUST 3   /* bursts that must agree */

typedef enum
{
  WHERE_UP,
  WHERE_PASSED,
  WHERE_HELD,
  WHERE_SWALLOWED,
} Where;

typedef struct
{
  Where where; /* where the press of a key that is down has gone */
  gboolean is_modifier;
  guint32 pressed_at;
} Key;

typedef enum
{
  KIND_CHARACTER,
  KIND_MODIFIER,
  KIND_SUFFIX,
  KIND_LOCK,
  KIND_OTHER,
} Kind;

typedef struct
{
  GString *text;
  GString *trace;
  gboolean is_open;
  gboolean in_text;
  gboolean is_split;    /* see SPLIT */
  gboolean is_too_long; /* what came after its bound was swallowed */
  gboolean has_graphic;
  guint n_chars;
  guint n_held;
  guint32 first_at;
  guint32 newest_at; /* press */
  guint step;
  guint steps; /* sum */
  guint shortest;
  guint longest;
} Burst;

typedef struct
{
  double step;
  guint n_bursts;
} Rhythm;

struct _BipeWedge
{
  struct xkb_keymap *keymap; /* NULL: the session's layout */
  struct xkb_state *state;
  Key keys[KEY_CODES];

  Burst burst;
  Burst ended;

  /* Scanners slower than MEAN_QUICK, each known by its steady step. */
  Rhythm rhythms[N_RHYTHMS];
  guint next_rhythm;
  guint pause_text;

  gboolean has_taken;
  guint32 taken_at;
  gboolean has_typed;
  guint32 typed_at;
};

/* --- Keys ---------------------------------------------------------------------------------- */

static void
make_state (BipeWedge *self)
{
  if (self->keymap == NULL)
    return;
  g_clear_pointer (&self->state, xkb_state_unref);
  self->state = xkb_state_new (self->keymap);
  xkb_state_update_key (self->state, KEY_NUM_LOCK, XKB_KEY_DOWN);
  xkb_state_update_key (self->state, KEY_NUM_LOCK, XKB_KEY_UP);
}

static gunichar
get_character (BipeWedge *self, const BipeWedgeKey *key)
{
  gunichar character;

  if (self->keymap != NULL)
    return xkb_state_key_get_utf32 (self->state, key->code);

  character = xkb_keysym_to_utf32 (key->symbol);
  if (key->is_control && character >= '@' && character <= '~')
    character &= 0x1f;
  return character;
}

static Kind
classify (BipeWedge *self, const BipeWedgeKey *key, gunichar *character)
{
  xkb_keysym_t symbol = self->keymap != NULL ? xkb_state_key_get_one_sym (self->state, key->code)
                                             : (xkb_keysym_t)key->symbol;

  *character = 0;
  switch (symbol)
    {
    case XKB_KEY_Shift_L:
    case XKB_KEY_Shift_R:
    case XKB_KEY_Control_L:
    case XKB_KEY_Control_R:
    case XKB_KEY_ISO_Level3_Shift:
      return KIND_MODIFIER;
    case XKB_KEY_Caps_Lock:
    case XKB_KEY_Num_Lock:
    case XKB_KEY_Scroll_Lock:
      return KIND_LOCK;
    case XKB_KEY_BackSpace:
    case XKB_KEY_Delete:
    case XKB_KEY_Escape:
      return KIND_OTHER;
    default:
      break;
    }

  if (key->is_shortcut)
    return KIND_OTHER;
  *character = get_character (self, key);
  if (*character == '\r' || *character == '\n' || *character == '\t')
    return KIND_SUFFIX;
  return *character != 0 ? KIND_CHARACTER : KIND_OTHER;
}

static void
set_down (BipeWedge *self, const BipeWedgeKey *key, Kind kind, Where where)
{
  Key *state = &self->keys[key->code];

  state->where = where;
  state->pressed_at = key->time;
  if (kind == KIND_MODIFIER && !state->is_modifier)
    {
      state->is_modifier = TRUE;
      if (self->state != NULL)
        xkb_state_update_key (self->state, key->code, XKB_KEY_DOWN);
    }
}

static Where
set_up (BipeWedge *self, guint code)
{
  Key *state = &self->keys[code];
  Where where = state->where;

  if (state->is_modifier && self->state != NULL)
    xkb_state_update_key (self->state, code, XKB_KEY_UP);
  *state = (Key){ .where = WHERE_UP };
  return where;
}

/* --- Rhythm -------------------------------------------------------------------------------- */

static double
mean_step (const Burst *burst, guint n_steps)
{
  return n_steps == 0 ? G_MAXDOUBLE : (double)burst->steps / n_steps;
}

static void
count_step (Burst *burst)
{
  burst->shortest = burst->steps == 0 ? burst->step : MIN (burst->shortest, burst->step);
  burst->longest = MAX (burst->longest, burst->step);
  burst->steps += burst->step;
  burst->step = 0;
}

static gboolean
is_steady (const Burst *burst)
{
  return burst->n_chars >= RHYTHM_CHARS && burst->longest - burst->shortest <= RHYTHM_SPREAD;
}

static Rhythm *
find_rhythm (BipeWedge *self, double mean)
{
  for (guint i = 0; i < N_RHYTHMS; i++)
    if (ABS (self->rhythms[i].step - mean) <= RHYTHM_SPREAD / 2.0)
      return &self->rhythms[i];
  return NULL;
}

static gboolean
is_known (BipeWedge *self, const Burst *burst, double mean)
{
  const Rhythm *rhythm = is_steady (burst) ? find_rhythm (self, mean) : NULL;

  return rhythm != NULL && rhythm->n_bursts >= RHYTHM_TRUST;
}

static void
learn (BipeWedge *self, const Burst *burst, double mean)
{
  Rhythm *rhythm = find_rhythm (self, mean);

  if (mean <= MEAN_QUICK || !is_steady (burst))
    return;

  if (rhythm == NULL)
    {
      rhythm = &self->rhythms[self->next_rhythm++ % N_RHYTHMS];
      *rhythm = (Rhythm){ .step = mean };
    }
  rhythm->step += (mean - rhythm->step) / 4;
  rhythm->n_bursts++;

  self->pause_text = PAUSE_TEXT;
  for (guint i = 0; i < N_RHYTHMS; i++)
    if (self->rhythms[i].n_bursts >= RHYTHM_TRUST)
      self->pause_text = MAX (self->pause_text, (guint)self->rhythms[i].step + 2 * RHYTHM_SPREAD);
}

/* The longest mean step at which so many characters are a code; 0: they never are. The fewer there
 * are, the easier a person types them as quickly by chance. */
static double
longest_mean (gboolean in_text, gboolean has_suffix, guint n_chars)
{
  static const struct
  {
    gboolean in_text;
    gboolean has_suffix;
    guint n_chars;
    double mean;
  } table[] = {
    { TRUE, TRUE, 3, MEAN_QUICK },   { TRUE, TRUE, 2, 20 },  { TRUE, FALSE, 6, MEAN_QUICK },
    { FALSE, TRUE, 3, MEAN_SLOW },   { FALSE, TRUE, 2, 60 }, { FALSE, TRUE, 1, 30 },
    { FALSE, FALSE, 4, MEAN_QUICK },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (table); i++)
    if (table[i].in_text == in_text && table[i].has_suffix == has_suffix
        && n_chars >= table[i].n_chars)
      return table[i].mean;
  return 0;
}

/* --- Bursts -------------------------------------------------------------------------------- */

static void
start_burst (BipeWedge *self, const BipeWedgeKey *key)
{
  Burst *burst = &self->burst;

  g_string_truncate (burst->text, 0);
  g_string_truncate (burst->trace, 0);
  *burst = (Burst){
    .text = burst->text,
    .trace = burst->trace,
    .is_open = TRUE,
    .in_text = key->in_text,
    .is_split = self->has_typed && key->time - self->typed_at < (key->in_text ? SPLIT_TEXT : SPLIT),
    .first_at = key->time,
    .newest_at = key->time,
  };
}

static void
add_trace (Burst *burst, const BipeWedgeKey *key)
{
  g_string_append_printf (burst->trace, "%s%c%u@%u", burst->trace->len > 0 ? " " : "",
                          key->is_press ? '+' : '-', key->code, key->time - burst->first_at);
}

static void
add_pause (Burst *burst, const BipeWedgeKey *key)
{
  burst->step = MAX (burst->step, key->time - burst->newest_at);
  burst->newest_at = key->time;
}

static BipeWedgeVerdict
add_press (BipeWedge *self, const BipeWedgeKey *key, gunichar character)
{
  Burst *burst = &self->burst;

  add_pause (burst, key);
  if (burst->n_held == HELD_MAX || (character != 0 && burst->n_chars == BIPE_SCAN_CODE_MAX))
    burst->is_too_long = TRUE;
  if (burst->is_too_long)
    return BIPE_WEDGE_SWALLOW;

  if (character != 0)
    {
      if (burst->n_chars++ > 0)
        count_step (burst);
      burst->step = 0;
      burst->has_graphic |= g_unichar_isgraph (character);
      g_string_append_unichar (burst->text, character);
    }
  add_trace (burst, key);
  burst->n_held++;
  return BIPE_WEDGE_HOLD;
}

static guint
get_pause (BipeWedge *self)
{
  const Burst *burst = &self->burst;
  char first = burst->text->str[0];

  if (burst->in_text)
    {
      gboolean is_quick
          = burst->n_chars > 1
            && mean_step (burst, burst->n_chars - 1) <= longest_mean (TRUE, TRUE, burst->n_chars);

      return is_quick ? MAX (PAUSE_TEXT_QUICK, self->pause_text) : self->pause_text;
    }
  /* Control and a letter, or Space on a button: a person more likely than a scanner. */
  if (burst->n_chars == 1 && first <= ' ')
    return first <= 'Z' - '@' ? PAUSE_SHORTCUT : first == ' ' ? PAUSE_SPACE : PAUSE;
  return PAUSE;
}

static BipeWedgeEnd
judge (BipeWedge *self, gboolean has_suffix)
{
  const Burst *burst = &self->burst;
  double mean = mean_step (burst, burst->n_chars - (has_suffix ? 0 : 1));
  const char *rest;
  const char *symbology;
  char aim[4];

  if (burst->is_too_long)
    return BIPE_WEDGE_UNREAD;
  if (!burst->has_graphic)
    return BIPE_WEDGE_TYPED;

  if (mean <= longest_mean (burst->in_text, has_suffix, burst->n_chars)
      || is_known (self, burst, mean)
      || (has_suffix && mean <= PAUSE_TEXT
          && bipe_aim_parse (burst->text->str, aim, &rest, &symbology)))
    {
      if (!burst->is_split)
        return BIPE_WEDGE_SCANNED;
      /* A code without its head, or a person in a hurry. */
      return burst->in_text && burst->n_chars < RHYTHM_CHARS ? BIPE_WEDGE_TYPED : BIPE_WEDGE_UNREAD;
    }

  return !burst->in_text && burst->n_chars >= 4 && mean <= MEAN_SLOW ? BIPE_WEDGE_UNREAD
                                                                     : BIPE_WEDGE_TYPED;
}

static BipeWedgeEnd
end_burst (BipeWedge *self, gboolean has_suffix)
{
  BipeWedgeEnd end = judge (self, has_suffix);
  Burst ended = self->burst;

  if (end == BIPE_WEDGE_SCANNED && has_suffix)
    learn (self, &ended, mean_step (&ended, ended.n_chars));

  for (guint i = 0; i < KEY_CODES; i++)
    if (self->keys[i].where == WHERE_HELD)
      self->keys[i].where = end == BIPE_WEDGE_TYPED ? WHERE_PASSED : WHERE_SWALLOWED;

  if (end != BIPE_WEDGE_TYPED)
    {
      self->has_taken = TRUE;
      self->taken_at = ended.newest_at;
    }
  else if (ended.n_chars > 0)
    {
      self->has_taken = FALSE;
      self->has_typed = TRUE;
      self->typed_at = ended.newest_at;
    }

  self->burst = self->ended;
  self->burst.is_open = FALSE;
  self->ended = ended;
  return end;
}

/* --- Events -------------------------------------------------------------------------------- */

static BipeWedgeVerdict
feed_release (BipeWedge *self, const BipeWedgeKey *key)
{
  switch (set_up (self, key->code))
    {
    case WHERE_HELD:
      add_trace (&self->burst, key);
      return BIPE_WEDGE_HOLD;
    case WHERE_SWALLOWED:
      return BIPE_WEDGE_SWALLOW;
    case WHERE_UP:
    case WHERE_PASSED:
    default:
      return BIPE_WEDGE_PASS;
    }
}

static BipeWedgeVerdict
feed_suffix (BipeWedge *self, const BipeWedgeKey *key, BipeWedgeEnd *end)
{
  if (self->burst.is_open)
    {
      add_pause (&self->burst, key);
      count_step (&self->burst);
      add_trace (&self->burst, key);
      *end = end_burst (self, TRUE);
      return *end == BIPE_WEDGE_TYPED ? BIPE_WEDGE_PASS : BIPE_WEDGE_SWALLOW;
    }

  /* A second one (carriage return and line feed), or one that came late: no button for it. */
  return self->has_taken && key->time - self->taken_at < AFTERMATH ? BIPE_WEDGE_SWALLOW
                                                                   : BIPE_WEDGE_PASS;
}

static BipeWedgeVerdict
feed_press (BipeWedge *self, const BipeWedgeKey *key, BipeWedgeEnd *end)
{
  const Key *state = &self->keys[key->code];
  gboolean is_repeat = (state->where == WHERE_PASSED || state->where == WHERE_HELD)
                       && key->time - state->pressed_at < REPEAT_MAX;
  gunichar character;
  Kind kind = classify (self, key, &character);
  BipeWedgeVerdict verdict = BIPE_WEDGE_PASS;

  if (kind == KIND_LOCK)
    {
      set_down (self, key, kind, WHERE_PASSED);
      return BIPE_WEDGE_PASS;
    }

  if (self->burst.is_open
      && (is_repeat || kind == KIND_OTHER || key->time - self->burst.newest_at >= get_pause (self)))
    *end = end_burst (self, FALSE);

  if (is_repeat || kind == KIND_OTHER)
    verdict = BIPE_WEDGE_PASS;
  else if (kind == KIND_SUFFIX)
    verdict = feed_suffix (self, key, end);
  else
    {
      if (!self->burst.is_open)
        start_burst (self, key);
      verdict = add_press (self, key, character);
    }

  set_down (self, key, kind,
            verdict == BIPE_WEDGE_PASS   ? WHERE_PASSED
            : verdict == BIPE_WEDGE_HOLD ? WHERE_HELD
                                         : WHERE_SWALLOWED);
  return verdict;
}

BipeWedgeVerdict
bipe_wedge_feed (BipeWedge *self, const BipeWedgeKey *key, BipeWedgeEnd *end)
{
  *end = BIPE_WEDGE_NONE;
  if (key->code >= KEY_CODES)
    return BIPE_WEDGE_PASS;
  return key->is_press ? feed_press (self, key, end) : feed_release (self, key);
}

guint
bipe_wedge_get_patience (BipeWedge *self)
{
  return self->burst.is_open ? get_pause (self) : 0;
}

BipeWedgeEnd
bipe_wedge_expire (BipeWedge *self)
{
  return self->burst.is_open ? end_burst (self, FALSE) : BIPE_WEDGE_NONE;
}

void
bipe_wedge_forget_keys (BipeWedge *self)
{
  memset (self->keys, 0, sizeof self->keys);
  make_state (self);
}

const char *
bipe_wedge_get_text (BipeWedge *self)
{
  return self->ended.text->str;
}

const char *
bipe_wedge_get_trace (BipeWedge *self)
{
  return self->ended.trace->str;
}

/* --- Life ---------------------------------------------------------------------------------- */

static struct xkb_keymap *
make_keymap (const char *layout, GError **error)
{
  const struct xkb_rule_names names = { .rules = "evdev", .model = "pc105", .layout = layout };
  struct xkb_context *context = xkb_context_new (XKB_CONTEXT_NO_ENVIRONMENT_NAMES);
  struct xkb_keymap *keymap = NULL;

  if (context != NULL)
    {
      xkb_context_set_log_level (context, XKB_LOG_LEVEL_CRITICAL);
      keymap = xkb_keymap_new_from_names (context, &names, XKB_KEYMAP_COMPILE_NO_FLAGS);
      xkb_context_unref (context);
    }
  if (keymap == NULL)
    g_set_error (error, BIPE_ERROR, BIPE_ERROR_SETTING, "no keyboard layout “%s”", layout);
  return keymap;
}

BipeWedge *
bipe_wedge_new (const char *layout, GError **error)
{
  struct xkb_keymap *keymap = NULL;
  BipeWedge *self;

  if (!g_str_equal (layout, "session"))
    {
      keymap = make_keymap (layout, error);
      if (keymap == NULL)
        return NULL;
    }

  self = g_new0 (BipeWedge, 1);
  self->keymap = keymap;
  self->pause_text = PAUSE_TEXT;
  self->burst.text = g_string_new (NULL);
  self->burst.trace = g_string_new (NULL);
  self->ended.text = g_string_new (NULL);
  self->ended.trace = g_string_new (NULL);
  make_state (self);
  return self;
}

void
bipe_wedge_free (BipeWedge *self)
{
  g_string_free (self->ended.trace, TRUE);
  g_string_free (self->ended.text, TRUE);
  g_string_free (self->burst.trace, TRUE);
  g_string_free (self->burst.text, TRUE);
  g_clear_pointer (&self->state, xkb_state_unref);
  g_clear_pointer (&self->keymap, xkb_keymap_unref);
  g_free (self);
}
