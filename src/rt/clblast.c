/* clblast.c - matrix products by CLBlast. */
#include "rt/device.h"

#include <clblast_c.h>
#include <stdio.h>

#include "base/try.h"

#define CODE(name)                                                                                 \
    {                                                                                              \
        name, #name                                                                                \
    }

/* Codes that are not OpenCL's own. */
static const struct {
    CLBlastStatusCode code;
    const char *name;
} codes[] = {
    CODE(CLBlastNotImplemented),      CODE(CLBlastInvalidMatrixA),
    CODE(CLBlastInvalidMatrixB),      CODE(CLBlastInvalidMatrixC),
    CODE(CLBlastInvalidDimension),    CODE(CLBlastInvalidLeadDimA),
    CODE(CLBlastInvalidLeadDimB),     CODE(CLBlastInvalidLeadDimC),
    CODE(CLBlastInsufficientMemoryA), CODE(CLBlastInsufficientMemoryB),
    CODE(CLBlastInsufficientMemoryC), CODE(CLBlastInsufficientMemoryTemp),
    CODE(CLBlastInvalidBatchCount),   CODE(CLBlastInvalidLocalMemUsage),
    CODE(CLBlastDatabaseError),       CODE(CLBlastUnknownError),
    CODE(CLBlastUnexpectedError),
};

static int gemm_status(const alx_device *dev, CLBlastStatusCode status, const char *call,
                       const alx_gemm *g)
{
    char subject[96];

    if (status == CLBlastSuccess)
        return 0;
    snprintf(subject, sizeof subject, "a %dx%dx%d product (batch %d)", g->m, g->n, g->k, g->batch);
    for (size_t i = 0; i < ALX_COUNT(codes); ++i)
        if (codes[i].code == status)
            return alx_fail(ALX_E_DEVICE, "%s of %s%s%s failed on %s: %s (%d)", call, subject,
                            dev->label[0] != '\0' ? " in " : "", dev->label, dev->info.name,
                            codes[i].name, (int)status);
    return rt_cl(dev, (cl_int)status, call, subject);
}

int alx_clblast_sgemm(alx_device *dev, const alx_tensor *c, const alx_tensor *a,
                      const alx_tensor *b, const alx_gemm *g)
{
    const CLBlastTranspose ta = g->transpose_a ? CLBlastTransposeYes : CLBlastTransposeNo;
    const CLBlastTranspose tb = g->transpose_b ? CLBlastTransposeYes : CLBlastTransposeNo;
    const size_t m = (size_t)g->m, n = (size_t)g->n, k = (size_t)g->k;
    const size_t lda = (size_t)g->lda, ldb = (size_t)g->ldb, ldc = (size_t)g->ldc;
    const char *call = g->batch > 1 ? "CLBlastSgemmStridedBatched" : "CLBlastSgemm";
    CLBlastStatusCode status;

    if (dev->collecting)
        return 0;
    rt_clblast_begin(dev);
    if (g->batch > 1)
        status = CLBlastSgemmStridedBatched(
            CLBlastLayoutRowMajor, ta, tb, m, n, k, g->alpha, a->mem, g->a_offset, lda, g->a_stride,
            b->mem, g->b_offset, ldb, g->b_stride, g->beta, c->mem, g->c_offset, ldc, g->c_stride,
            (size_t)g->batch, &dev->queue, rt_profile_span(dev, call));
    else
        status = CLBlastSgemm(CLBlastLayoutRowMajor, ta, tb, m, n, k, g->alpha, a->mem, g->a_offset,
                              lda, b->mem, g->b_offset, ldb, g->beta, c->mem, g->c_offset, ldc,
                              &dev->queue, rt_profile_span(dev, call));
    rt_clblast_end(dev);
    TRY(gemm_status(dev, status, call, g));
    if (dev->sync)
        return alx_fail_context(alx_device_finish(dev), "%s in %s", call, dev->label);
    return 0;
}
