/* sgd.c - the update of parameters; kernel in cl/sgd.cl. */
#include "ops/segments.h"

#include <stdio.h>

#include "base/try.h"

static int update_run(const alx_segments *s, const segment_run *run, const alx_tensor *grad_scale,
                      const alx_tensor *rates, const alx_sgd_params *p)
{
    const size_t group = (size_t)ops_group(s->dev);
    const alx_grid grid = { .global = { run->groups * group, 1, 1 }, .local = { group, 1, 1 } };
    const alx_arg args[] = {
        ALX_BUF(&run->w),    ALX_BUF(&run->v),       ALX_BUF(&run->g),          ALX_BUF(&s->table),
        ALX_UINT(run->row0), ALX_UINT(run->rows),    ALX_BUF(grad_scale),       ALX_BUF(rates),
        ALX_FLOAT(p->lr),    ALX_FLOAT(p->momentum), ALX_FLOAT(p->weight_decay)
    };
    char options[64];

    snprintf(options, sizeof options, "-DTORCH_FORM=%d -DVEC=%d -DWG=%zu", p->torch_form,
             ops_vector(s->dev), group);
    return alx_launch(s->dev, "sgd", "sgd_update", options, args, ALX_COUNT(args), &grid);
}

int alx_op_sgd_all(const alx_segments *s, int kind, const alx_tensor *grad_scale,
                   const alx_tensor *rates, const alx_sgd_params *p)
{
    for (size_t i = 0; s != NULL && i < s->run_count[SEGMENT_UPDATE]; ++i)
        if (s->runs[SEGMENT_UPDATE][i].kind == kind)
            TRY(update_run(s, &s->runs[SEGMENT_UPDATE][i], grad_scale, rates, p));
    return 0;
}

int alx_op_sgd(const alx_tensor *w, const alx_tensor *v, const alx_tensor *g,
               const alx_tensor *grad_scale, const alx_sgd_params *p)
{
    alx_segments *s = NULL;
    int rc = 0;

    TRY_DONE(alx_segments_create(&s, &(alx_segment){ w, v, g, 0, 0 }, 1));
    TRY_DONE(alx_op_sgd_all(s, 0, grad_scale, NULL, p));
done:
    alx_segments_free(s);
    return rc;
}
